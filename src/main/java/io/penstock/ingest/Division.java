package io.penstock.ingest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Divides a text so that an edit changes little elsewhere. Filling chunk after chunk would move every bound behind an edit.
 * Instead, what is too long is cut in two where the text itself says so: before the highest heading that there is in its middle
 * half, else before a paragraph, else before a sentence, and among equals before the one whose words have the least hash. Only
 * when two chunks remain, they are made equally long. A sentence that is edited matters to a cut only if it begins there, before
 * or after, or if a bound of the middle half passes over such a place.
 */
final class Division {
    private final String text;
    private final List<Unit> units;
    private final int mostTokens;
    private final ChunkingSettings settings;

    /** Size of all units before each one: tokens, or as many as its characters are worth of the most that a chunk may have. */
    private final long[] sizeBefore;

    /** @param mostTokens of a chunk, its overlap included; no unit has more */
    Division(String text, List<Unit> units, int mostTokens, ChunkingSettings settings) {
        this.text = text;
        this.units = units;
        this.mostTokens = mostTokens;
        this.settings = settings;
        this.sizeBefore = new long[units.size() + 1];
        for (int i = 0; i < units.size(); i++) {
            int end = i + 1 < units.size()
                    ? units.get(i + 1).start()
                    : units.get(i).end();
            long characters = (long) end - units.get(i).start();
            long worth = Math.ceilDiv(characters * mostTokens, settings.maxCharacters());
            sizeBefore[i + 1] = sizeBefore[i] + Math.max(units.get(i).tokens(), worth);
        }
    }

    /**
     * The units of a chunk.
     *
     * @param first the first one, maybe repeated from the chunk before
     * @param ownFirst the first one that is not repeated
     * @param tokens of all units
     */
    record Range(int first, int ownFirst, int last, int tokens) {}

    /**
     * The chunks of some units in their order.
     *
     * @param from first unit
     * @param to one past the last
     * @param repeatable first unit before these that may be repeated
     */
    List<Range> ranges(int from, int to, int repeatable) {
        List<Range> ranges = new ArrayList<>();
        Deque<Part> open = new ArrayDeque<>();
        if (from < to) {
            open.push(new Part(from, to - 1));
        }
        int first = repeatable;
        while (!open.isEmpty()) {
            Part part = open.pop();
            if (fits(part.first(), part.last())) {
                ranges.add(withOverlap(part, first));
                first = part.first();
            } else {
                int cut = cut(part);
                open.push(new Part(cut, part.last()));
                open.push(new Part(part.first(), cut - 1));
            }
        }
        return ranges;
    }

    private record Part(int first, int last) {}

    /** Whether these units may be one chunk. */
    boolean fits(int first, int last) {
        return first == last
                || (tokens(first, last) <= mostTokens
                        && units.get(last).end() - units.get(first).start() <= settings.maxCharacters());
    }

    /** Whether these units would be a chunk that says little by itself. */
    boolean isSmall(int from, int to) {
        return from < to && size(from, to) < mostTokens / 4;
    }

    /** Of units; when they are more than the most, any number above it. */
    int tokens(int first, int last) {
        int tokens = 0;
        for (int i = first; i <= last && tokens <= mostTokens; i++) {
            tokens += units.get(i).tokens();
        }
        return tokens;
    }

    /** The unit that begins the second half. */
    private int cut(Part part) {
        long size = size(part.first(), part.last() + 1);
        boolean intoTwo = size <= 2L * mostTokens;
        long least = intoTwo ? Math.max(size - mostTokens, mostTokens / 4) : size / 4;
        int best = -1;
        int middle = -1;
        for (int i = part.first() + 1; i <= part.last(); i++) {
            long before = size(part.first(), i);
            boolean parted = units.get(i - 1).opening().isHeading(); // from what it is the heading of
            if (!parted
                    && before >= least
                    && size - before >= least
                    && (best < 0 || isBetter(part, i, best, intoTwo))) {
                best = i;
            }
            if (middle < 0 || distance(part, i) < distance(part, middle)) {
                middle = i;
            }
        }
        return best < 0 ? middle : best;
    }

    private boolean isBetter(Part part, int one, int other, boolean intoTwo) {
        int rank = units.get(one).opening().rank();
        int otherRank = units.get(other).opening().rank();
        if (rank != otherRank) {
            return rank > otherRank;
        }
        int hash = intoTwo ? 0 : hash(one);
        int otherHash = intoTwo ? 0 : hash(other);
        return hash != otherHash ? hash < otherHash : distance(part, one) < distance(part, other);
    }

    private long size(int from, int to) {
        return sizeBefore[to] - sizeBefore[from];
    }

    /** From the middle, doubled. */
    private long distance(Part part, int at) {
        return Math.abs(size(part.first(), at) - size(at, part.last() + 1));
    }

    /** Of what a unit says; spread, so that similar words are not close. */
    private int hash(int unit) {
        int hash =
                text.substring(units.get(unit).start(), units.get(unit).end()).hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }

    /** As many whole units before the part as the overlap allows; what stands under a heading of its own repeats nothing. */
    private Range withOverlap(Part part, int firstOfPrevious) {
        int tokens = tokens(part.first(), part.last());
        int overlap = 0;
        int first = part.first();
        while (first - 1 > firstOfPrevious
                && !units.get(first).opening().isHeading()
                && !units.get(first - 1).opening().isHeading()) {
            int more = units.get(first - 1).tokens();
            int characters = units.get(part.last()).end() - units.get(first - 1).start();
            if (overlap + more > settings.overlapTokens()
                    || tokens + more > mostTokens
                    || characters > settings.maxCharacters()) {
                break;
            }
            overlap += more;
            tokens += more;
            first--;
        }
        return new Range(first, part.first(), part.last(), tokens);
    }
}
