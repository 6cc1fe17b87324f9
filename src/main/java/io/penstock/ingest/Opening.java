package io.penstock.ingest;

/**
 * What a part of a text begins, and so how well a chunk may begin there.
 *
 * @param level of a heading, from 1, the highest; 0 of all else
 * @param rank more is better
 */
record Opening(int level, int rank) {
    private static final int LEVELS = 6;

    /** The rest of a sentence that is too long. */
    static final Opening PIECE = new Opening(0, 0);

    static final Opening SENTENCE = new Opening(0, 1);
    static final Opening PARAGRAPH = new Opening(0, 2);

    /** @param level from 1 */
    static Opening heading(int level) {
        return new Opening(level, PARAGRAPH.rank + 1 + LEVELS - Math.min(level, LEVELS));
    }

    boolean isHeading() {
        return level > 0;
    }
}
