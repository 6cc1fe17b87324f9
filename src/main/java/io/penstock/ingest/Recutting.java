package io.penstock.ingest;

import io.penstock.ingest.Division.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the chunks that an earlier version of a text had at its beginning and at its end, as far as they read the same and no
 * text has come between them, and divides what lies between. Without an earlier version the whole text lies between.
 */
final class Recutting {
    private final String text;
    private final List<Unit> units;
    private final Division division;
    private final List<FormerChunk> former;
    private final List<String> before = new ArrayList<>();
    private final Map<Integer, Integer> firstByStart = new HashMap<>();
    private final Map<Integer, Integer> lastByEnd = new HashMap<>();

    /**
     * @param context before each chunk
     * @param headings over each unit
     * @param former chunks of the earlier version, in their order
     */
    Recutting(
            String text,
            String context,
            List<Unit> units,
            Division division,
            List<String> headings,
            List<FormerChunk> former) {
        this.text = text;
        this.units = units;
        this.division = division;
        this.former = former;
        if (!former.isEmpty()) {
            for (int i = 0; i < units.size(); i++) {
                String heading = headings.get(i);
                before.add(heading.isEmpty() ? context : context + heading + "\n");
                firstByStart.put(units.get(i).start(), i);
                lastByEnd.put(units.get(i).end(), i);
            }
        }
    }

    /** The chunks in the order of the text. */
    List<Range> ranges() {
        if (former.isEmpty() || units.isEmpty()) {
            return division.ranges(0, units.size(), 0);
        }
        List<Range> head = new ArrayList<>();
        for (FormerChunk chunk : former) {
            Range range = kept(chunk, 0);
            if (range == null || range.first() > end(head)) {
                break;
            }
            head.add(range);
        }
        int moved = units.getLast().end() - former.getLast().end();
        List<Range> tail = new ArrayList<>();
        for (int i = former.size() - 1; i >= head.size(); i--) {
            Range range = kept(former.get(i), moved);
            if (range == null || range.last() + 1 < begin(tail) || range.first() < end(head)) {
                break;
            }
            tail.addFirst(i == 0 ? range : withRepeated(range, former.get(i - 1).end() + moved));
        }
        // Little that is left between would be a chunk that says little: it goes together with what is beside it.
        while (division.isSmall(end(head), begin(tail)) && !(head.isEmpty() && tail.isEmpty())) {
            if (!head.isEmpty()) {
                head.removeLast();
            } else {
                tail.removeFirst();
            }
        }
        List<Range> ranges = new ArrayList<>(head);
        int repeatable = head.isEmpty() ? 0 : head.getLast().first();
        ranges.addAll(between(end(head), tail, repeatable));
        ranges.addAll(tail);
        return ranges;
    }

    /**
     * The chunks before the tail. The last of them also holds what the tail repeats of the chunk before it, as it did, unless
     * that takes one more chunk or the tail would not begin behind it.
     */
    private List<Range> between(int from, List<Range> tail, int repeatable) {
        int to = begin(tail);
        List<Range> ranges = division.ranges(from, to, repeatable);
        if (ranges.isEmpty() || tail.isEmpty() || tail.getFirst().ownFirst() == to) {
            return ranges;
        }
        List<Range> overlapped = division.ranges(from, tail.getFirst().ownFirst(), repeatable);
        return overlapped.size() == ranges.size() && overlapped.getLast().first() < to ? overlapped : ranges;
    }

    /** A kept chunk that repeats the units before it up to the end of the chunk that was before it. */
    private Range withRepeated(Range range, int endOfPrevious) {
        Integer repeated = lastByEnd.get(endOfPrevious);
        if (repeated == null
                || repeated < range.first()
                || repeated >= range.last()
                || !before.get(repeated + 1).equals(before.get(range.first()))) {
            return range;
        }
        return new Range(range.first(), repeated + 1, range.last(), range.tokens());
    }

    private static int end(List<Range> head) {
        return head.isEmpty() ? 0 : head.getLast().last() + 1;
    }

    private int begin(List<Range> tail) {
        return tail.isEmpty() ? units.size() : tail.getFirst().first();
    }

    /** The units that read as a former chunk did, so far from where it was; null when they do not. */
    private @Nullable Range kept(FormerChunk chunk, int moved) {
        Integer first = firstByStart.get(chunk.start() + moved);
        Integer last = lastByEnd.get(chunk.end() + moved);
        if (first == null || last == null || first > last || !division.fits(first, last)) {
            return null;
        }
        String embedded = before.get(first) + text.substring(chunk.start() + moved, chunk.end() + moved);
        return Hashes.of(embedded).equals(chunk.textHash())
                ? new Range(first, first, last, division.tokens(first, last))
                : null;
    }
}
