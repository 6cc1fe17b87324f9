package io.penstock.ingest;

/**
 * A chunk of the text as it was before.
 *
 * @param textHash of what was embedded for it
 */
record FormerChunk(int start, int end, String textHash) {}
