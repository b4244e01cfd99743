// Foot: stands with its 28 mm face on the silicone over the FSR. Three a pad.
include <dimensions.scad>
$fn = 96;
module foot() {
    cylinder(h = foot_t - 1, r = foot_r);
    translate([0, 0, foot_t - 1]) cylinder(h = 1, r1 = foot_r, r2 = foot_r - 1);
    translate([0, 0, foot_t]) cylinder(h = 1.8, r = 6);
}
foot();
