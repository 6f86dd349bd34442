from posenet_ros.cli.estimation.video_summary import VideoSummary


def test_a_summary_is_one_line_with_the_right_plurals() -> None:
    one = VideoSummary(source='a', frames=1, width=4, height=2, end=0.5, max_people=1, ids=1)
    assert one.describe() == 'a (4x2): 1 frame up to 0.500 s, at most 1 person at once, 1 id'
    two = VideoSummary(source='a', frames=2, width=4, height=2, end=0.5, max_people=2)
    assert two.describe() == 'a (4x2): 2 frames up to 0.500 s, at most 2 people at once, 0 ids'


def test_a_video_without_frames_says_so() -> None:
    assert VideoSummary(source='a').describe() == 'a: no frames in the chosen part'
