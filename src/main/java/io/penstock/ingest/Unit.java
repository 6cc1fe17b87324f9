package io.penstock.ingest;

/** What chunks are made of: a sentence, a heading, or a piece of a sentence that is too long. */
record Unit(int start, int end, int tokens, Opening opening) {}
