from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS, PART_NAMES, SKELETON, TREE_EDGES


def test_there_are_seventeen_parts_with_different_names() -> None:
    assert len(set(PART_NAMES)) == NUM_PARTS == 17


def test_the_pose_tree_reaches_every_part_once_from_the_nose() -> None:
    reached = [0]
    for parent, child in TREE_EDGES:
        assert parent in reached
        assert child not in reached
        reached.append(child)
    assert len(reached) == NUM_PARTS
    assert NUM_EDGES == 16


def test_the_skeleton_connects_parts_on_one_side_or_the_same_part_on_both_sides() -> None:
    for first, second in SKELETON:
        first_side, first_part = PART_NAMES[first].split('_')
        second_side, second_part = PART_NAMES[second].split('_')
        assert first_side == second_side or first_part == second_part
