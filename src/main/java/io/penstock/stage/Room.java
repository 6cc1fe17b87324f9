package io.penstock.stage;

/**
 * The room that one call takes: at its provider, and in its stage.
 *
 * <p><b>Threading.</b> Taken by a StreamThread, given free by any thread, once.
 */
record Room(ProviderLimiter provider, ProviderLimiter stage) {
    /** The call has ended. */
    void release() {
        provider.release();
        stage.release();
    }

    /** No call was made after all: nothing is used up. */
    void giveBack() {
        provider.giveBack();
        stage.giveBack();
    }
}
