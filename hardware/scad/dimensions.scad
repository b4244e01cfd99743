// Written by 'python -m hardware.mechanics' from hardware/dimensions.py and the board table: change those.
plate_r = 86;
plate_t = 12;
dish_r = 36;
dish_deep = 4;
ball_r = 31.5;
foot_r = 14;
foot_t = 5;
mark_r = 4;
base_t = 6;
pin_r = 3;
pin_at_r = 74;
pin_play = 0.5;
strap_w = 40;
strap_slot = 5;
feet = [[0, 70], [-60.622, -35], [60.622, -35]];
marks = [[0, 50], [-43.3, -25], [43.3, -25], [0, 0]];
