"""
What must be downloaded to measure accuracy: COCO's pictures, and videos.

`make accuracy` runs this program if it gets no folder, before it installs anything. So it needs
only the standard library.
"""

#: How to get the folder of COCO's pictures, for messages.
COCO_ADVICE = """\
Download these two files from COCO (1 GB), and unpack both into the same folder:
  http://images.cocodataset.org/zips/val2017.zip
  http://images.cocodataset.org/annotations/annotations_trainval2017.zip
Then run: make accuracy COCO=/path/to/folder"""

#: How to get the folder of the videos, for messages.
VIDEOS_ADVICE = """\
Download these files into one folder, and run: make accuracy VIDEOS=/path/to/folder
  from https://github.com/tensorflow/tfjs-models, pose-detection/test_data:
    pose_1.mp4, pose_1.json, pose_squats.mp4, pose_squats.full.json
  from https://github.com/opencv/opencv, samples/data: vtest.avi"""


if __name__ == '__main__':
    raise SystemExit(
        'no folder was given; accuracy is measured on pictures, on videos, or on both.\n\n'
        f'Pictures. {COCO_ADVICE}\n\n'
        f'Videos. {VIDEOS_ADVICE}'
    )
