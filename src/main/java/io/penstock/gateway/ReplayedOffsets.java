package io.penstock.gateway;

import io.penstock.schema.OffsetRange;
import io.penstock.schema.ReplayedLetters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Offsets of a partition as ranges, so that marks of many letters that lie side by side stay small. Never changes. */
final class ReplayedOffsets {
    static final ReplayedOffsets NONE = new ReplayedOffsets(new TreeMap<>());

    /** The last of each range by its first. */
    private final NavigableMap<Long, Long> ranges;

    private ReplayedOffsets(NavigableMap<Long, Long> ranges) {
        this.ranges = ranges;
    }

    static ReplayedOffsets of(ReplayedLetters letters) {
        TreeMap<Long, Long> ranges = new TreeMap<>();
        letters.getRanges().forEach(range -> ranges.put(range.getFrom(), range.getTo()));
        return new ReplayedOffsets(ranges);
    }

    boolean contains(long offset) {
        Map.Entry<Long, Long> range = ranges.floorEntry(offset);
        return range != null && range.getValue() >= offset;
    }

    /** With these as well, the last included. */
    ReplayedOffsets with(long from, long to) {
        TreeMap<Long, Long> joined = new TreeMap<>(ranges);
        long first = from;
        long last = to;
        Map.Entry<Long, Long> before = joined.floorEntry(from);
        if (before != null && before.getValue() >= from - 1) {
            first = before.getKey();
            last = Math.max(last, before.getValue());
        }
        Map<Long, Long> covered = joined.subMap(first, true, last + 1, true);
        for (long end : covered.values()) {
            last = Math.max(last, end);
        }
        covered.clear();
        joined.put(first, last);
        return new ReplayedOffsets(joined);
    }

    /**
     * Without what is not kept any more. A mark beyond the end is of another topic of the same name, which is gone, and so are the
     * others then.
     *
     * @param begin the first offset that is kept
     * @param end the offset after the last
     */
    ReplayedOffsets within(long begin, long end) {
        if (ranges.isEmpty()) {
            return this;
        }
        if (ranges.lastEntry().getValue() >= end) {
            return NONE;
        }
        TreeMap<Long, Long> kept = new TreeMap<>(ranges);
        kept.values().removeIf(last -> last < begin);
        return new ReplayedOffsets(kept);
    }

    ReplayedLetters letters() {
        List<OffsetRange> list = new ArrayList<>();
        ranges.forEach((from, to) -> list.add(new OffsetRange(from, to)));
        return new ReplayedLetters(list);
    }
}
