// Ball cup: lies in the dish and keeps the ball in its middle, for those who do not want it to move.
include <dimensions.scad>
$fn = 96;
cup_t = 9;
module cup() {
    difference() {
        union() {
            cylinder(h = dish_deep, r1 = 0.6 * dish_r - 0.4, r2 = dish_r - 0.4);
            translate([0, 0, dish_deep]) cylinder(h = cup_t - dish_deep, r1 = dish_r - 0.4, r2 = 0.72 * dish_r);
        }
        translate([0, 0, ball_r + 1.2]) sphere(r = ball_r + 0.3);
    }
}
cup();
