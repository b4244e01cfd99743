// Pad plate: dish for the ball on top, sockets for three feet below, holes for the pegs. Print upside down, 6 walls.
include <dimensions.scad>
$fn = 96;
socket_deep = 2;      // the foot's stem is glued 2 mm into the plate
stem_r = 6;

module dish() {
    translate([0, 0, plate_t - dish_deep])
        cylinder(h = dish_deep + 0.01, r1 = 0.6 * dish_r, r2 = dish_r);
}

module plate() {
    difference() {
        union() {
            cylinder(h = plate_t - 2, r = plate_r);
            translate([0, 0, plate_t - 2]) cylinder(h = 2, r1 = plate_r, r2 = plate_r - 2);  // no edge to press on
        }
        dish();
        for (foot = feet) translate([foot[0], foot[1], -0.01]) cylinder(h = socket_deep, r = stem_r + 0.15);
        for (k = [0:2]) rotate(30 + 120 * k) translate([pin_at_r, 0, -1]) cylinder(h = plate_t + 2, r = pin_r + pin_play);
        for (mark = marks) translate([mark[0], mark[1], plate_t - (norm(mark) < 1 ? dish_deep + 0.6 : 0.6)])
            difference() { cylinder(h = 1, r = mark_r); cylinder(h = 1, r = mark_r - 0.8); }
        translate([0, plate_r - 12, plate_t - 0.6]) linear_extrude(1) polygon([[-4, 0], [4, 0], [0, 7]]);  // to the head
    }
}

plate();
