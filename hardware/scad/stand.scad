// Calibration stand: a tray for the crate of bottles on one foot that fits the marks; the jig for the better calibration.
// The point is round, so that the weight acts on the mark even when the tray leans a little.
include <dimensions.scad>
$fn = 96;
tray_r = 55;
leg = 34;             // clears the rim of the dish
module stand() {
    translate([0, 0, leg]) difference() {
        cylinder(h = 8, r = tray_r);
        translate([0, 0, 4]) cylinder(h = 5, r = tray_r - 4);
        for (k = [0:5]) rotate(60 * k) translate([34, 0, -1]) cylinder(h = 6, r = 9);
    }
    translate([0, 0, mark_r - 0.4]) cylinder(h = leg - mark_r + 0.4, r1 = mark_r - 0.4, r2 = 16);
    translate([0, 0, mark_r - 0.4]) sphere(r = mark_r - 0.4);
    for (k = [0:2]) rotate(120 * k + 30) rotate([90, 0, 0]) linear_extrude(5, center = true)
        polygon([[4, 8], [16, leg - 8], [tray_r - 6, leg], [0, leg], [0, 8]]);
}
stand();
