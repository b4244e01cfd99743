// Cable clamp: two screws, two ridges. The cable may be pulled with 50 N before the solder joints feel it (to be measured).
include <dimensions.scad>
$fn = 64;
cable_r = 2.2;
module cable_clamp() {
    difference() {
        hull() for (x = [-1, 1]) translate([x * 12, 0, 0]) cylinder(h = 6, r = 7);
        rotate([90, 0, 0]) cylinder(h = 30, r = cable_r, center = true);
        for (x = [-1, 1]) translate([x * 12, 0, -1]) cylinder(h = 9, r = 1.8);
    }
    for (y = [-1, 1]) translate([0, 3 * y, cable_r - 0.5]) cube([2 * cable_r + 2, 1, 0.8], center = true);
}
cable_clamp();
