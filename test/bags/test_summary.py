from posenet_ros.bags.summary import from_text, Summary, to_text


def test_a_summary_counts_images_with_and_without_people_and_refused_ones() -> None:
    summary = Summary().processed(2).processed(0).refuse('why')
    assert (summary.images, summary.with_people, summary.refused) == (3, 1, 1)
    assert summary.refusals == ['why']
    assert not summary.is_complete
    assert Summary().processed(1).is_complete
    assert not Summary(damage='half').is_complete


def test_images_without_ids_are_counted_and_the_first_error_is_named() -> None:
    summary = Summary().lose_ids('first').lose_ids('second')
    assert (summary.without_ids, summary.tracking_error) == (2, 'first')


def test_only_the_first_refusals_are_named() -> None:
    summary = Summary()
    for number in range(100):
        summary = summary.refuse(str(number))
    assert (summary.refused, summary.refusals) == (100, [str(number) for number in range(20)])


def test_the_metadata_of_a_bag_have_the_key_and_the_summary() -> None:
    summary = Summary(topics={'/a/image': '/a/poses'}).refuse('why')
    assert from_text(to_text('{"model": "small"}', summary)) == ('{"model": "small"}', summary)
