#!/bin/sh
# Makes the sample videos that the sandbox answers with: one for each aspect ratio, 5 seconds at 540p.
# ../samples.ts writes the other sizes and lengths into their headers.
# Run it once on a machine with ffmpeg (with libx264) and the DejaVu fonts, and commit the files that it writes.
#
#   sandbox/samples/make.sh
#
# They are kept small on purpose: 12 pictures a second, a flat background, one shape that moves smoothly,
# one line of text.
set -eu
cd "$(dirname "$0")"

font=${FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf}
short=540
seconds=5

# The number before the p of a resolution is the length of the shorter side. The longer side follows from the ratio.
longer_side() { echo $(($1 * $2 / $3 / 2 * 2)); }

for ratio in 3:1 2:1 21:9 16:9 4:3 3:2 1:1 3:4 2:3 9:16 1:2 1:3; do
	across=${ratio%:*}
	down=${ratio#*:}
	if [ "$across" -ge "$down" ]; then
		width=$(longer_side "$short" "$across" "$down")
		height=$short
	else
		width=$short
		height=$(longer_side "$short" "$down" "$across")
	fi
	shape=$((short / 5 / 2 * 2))
	# Colons separate options in a filter, so the text shows the ratio with a slash.
	text="Ray 3.2  $(echo "$ratio" | tr : /)"
	ffmpeg -loglevel error -y \
		-f lavfi -i "color=c=0x1d2433:size=${width}x${height}:rate=12:duration=$seconds" \
		-f lavfi -i "color=c=0xf26b3a:size=${shape}x${shape}:rate=12:duration=$seconds" \
		-filter_complex "[0][1]overlay=x='(W-w)*(0.5-0.5*cos(2*PI*t/$seconds))':y='(H-h)/2',drawtext=fontfile=$font:text='$text':fontcolor=white:fontsize=$((short / 13)):x=(w-text_w)/2:y=h/8,format=yuv420p" \
		-an -c:v libx264 -preset slow -crf 46 -g 250 -bf 2 -movflags +faststart \
		"$(echo "$ratio" | tr : x).mp4"
done
