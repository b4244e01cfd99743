// Strap mount: screwed under the base beside a slot, so that the strap pulls on plastic and not on plywood.
include <dimensions.scad>
$fn = 64;
module strap_mount() {
    difference() {
        hull() for (x = [-1, 1], y = [-1, 1]) translate([x * 13, y * (strap_w / 2 + 12), 0]) cylinder(h = 6, r = 5);
        hull() for (y = [-1, 1]) translate([0, y * (strap_w / 2 + 0.5), -1]) cylinder(h = 9, r = strap_slot / 2 + 0.5);
        for (x = [-1, 1], y = [-1, 1]) translate([x * 11, y * (strap_w / 2 + 10), -1]) {
            cylinder(h = 9, r = 2.1);
            translate([0, 0, 4.2]) cylinder(h = 3, r1 = 2.1, r2 = 4.4);
        }
    }
}
strap_mount();
