#!/usr/bin/env bash
# Render the printed parts to scad/*.png: needs openscad and a display (on a server: `xvfb-run hardware/render.sh`).
set -euo pipefail
cd "$(dirname "$0")/scad"
for part in plate foot cup strap_mount stand cable_clamp; do
  tilt=52
  [ "$part" = stand ] && tilt=104  # its leg is what matters
  openscad -q -o "$part.png" --imgsize=900,650 --colorscheme=Tomorrow --projection=o --viewall --autocenter \
    --camera="0,0,0,$tilt,0,28,500" --render=true "$part.scad"
  if command -v mogrify >/dev/null; then mogrify -trim -bordercolor '#f8f8f8' -border 16 +repage "$part.png"; fi
done
