package io.penstock.stage;

/** In which order a stage emits its results. */
public enum StageOrder {
    /** As they come. */
    NONE,
    /** Records of one lane (by default: of one key) one after the other: the next call starts when the result of the one before was forwarded. */
    PER_KEY,
    /** In the order the records came in, whatever order their calls end in. Calls run side by side. */
    GLOBAL
}
