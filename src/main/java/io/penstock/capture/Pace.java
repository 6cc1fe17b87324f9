package io.penstock.capture;

import java.time.Duration;

/** The pace that a processor's requests keep. The first request of a capture has waited for its turn already. */
@FunctionalInterface
public interface Pace {
    /** As fast as they come. */
    Pace UNLIMITED = _ -> Duration.ZERO;

    /**
     * Takes the next turn for a further request of a capture that is under way: a redirect, a page.
     *
     * @param processor id of the processor
     * @return how long to wait until then
     */
    Duration furtherRequest(String processor);
}
