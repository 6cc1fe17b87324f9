package io.penstock.bench;

/** A way to have a question answered with itself. */
interface RoundTrip extends AutoCloseable {
    /** What it is called in the table. */
    String name();

    /**
     * Asks, and waits for the reply.
     *
     * @return what the reply says
     */
    String ask(String question) throws Exception;

    @Override
    void close();
}
