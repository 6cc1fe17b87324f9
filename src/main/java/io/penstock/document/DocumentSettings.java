package io.penstock.document;

import java.time.Duration;

/**
 * What reading documents may take.
 *
 * @param processes processes that read documents at once; each is started when it is needed
 * @param heapMiB heap of each of them
 * @param startTimeout time until a process is ready to read
 * @param turnTimeout how long a document waits for a process at most, before it is put off
 * @param readTimeout time for one document; then its process is killed
 * @param idle how long a process without work is kept
 * @param maxCharacters most text of one document, in UTF-16 units
 * @param maxEmbedded most documents inside of one that are read, such as the attachments of an e-mail
 * @param maxDepth how deep documents may lie in others
 */
public record DocumentSettings(
        int processes,
        int heapMiB,
        Duration startTimeout,
        Duration turnTimeout,
        Duration readTimeout,
        Duration idle,
        int maxCharacters,
        int maxEmbedded,
        int maxDepth) {
    /** One process of 256 MiB that is kept for a minute; 30 s to start, 10 s to wait for it, and 20 s for a document of at most 8 Mi characters. */
    public static final DocumentSettings DEFAULT = new DocumentSettings(
            1,
            256,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofMinutes(1),
            8 * 1024 * 1024,
            50,
            3);

    public DocumentSettings withProcesses(int value) {
        return new DocumentSettings(
                value, heapMiB, startTimeout, turnTimeout, readTimeout, idle, maxCharacters, maxEmbedded, maxDepth);
    }

    public DocumentSettings withHeapMiB(int value) {
        return new DocumentSettings(
                processes, value, startTimeout, turnTimeout, readTimeout, idle, maxCharacters, maxEmbedded, maxDepth);
    }

    public DocumentSettings withTurnTimeout(Duration value) {
        return new DocumentSettings(
                processes, heapMiB, startTimeout, value, readTimeout, idle, maxCharacters, maxEmbedded, maxDepth);
    }

    public DocumentSettings withReadTimeout(Duration value) {
        return new DocumentSettings(
                processes, heapMiB, startTimeout, turnTimeout, value, idle, maxCharacters, maxEmbedded, maxDepth);
    }

    public DocumentSettings withIdle(Duration value) {
        return new DocumentSettings(
                processes,
                heapMiB,
                startTimeout,
                turnTimeout,
                readTimeout,
                value,
                maxCharacters,
                maxEmbedded,
                maxDepth);
    }

    public DocumentSettings withMaxCharacters(int value) {
        return new DocumentSettings(
                processes, heapMiB, startTimeout, turnTimeout, readTimeout, idle, value, maxEmbedded, maxDepth);
    }

    /** The longest that reading a document takes, with the wait for its turn. */
    public Duration longest() {
        return turnTimeout.plus(startTimeout).plus(readTimeout);
    }
}
