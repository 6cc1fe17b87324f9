package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class TurnTest {
    private final Semaphore inFlight = new Semaphore(1, true);

    @Test
    void shouldPassTheTurnOnWhenACallEnds() throws Exception {
        Turn first = Turn.next(inFlight);
        Turn second = Turn.next(inFlight);
        assertThat(first.isTaken()).isTrue();
        assertThat(second.isTaken()).isFalse();

        first.end();
        second.await();
        assertThat(second.isTaken()).isTrue();
        second.end();
        assertThat(inFlight.availablePermits()).isEqualTo(1);
    }

    @Test
    void shouldEndATurnOnceOnly() {
        Turn turn = Turn.next(inFlight);
        turn.end(); // its deadline has passed
        turn.end(); // the call has ended at last
        assertThat(inFlight.availablePermits()).isEqualTo(1);
    }

    @Test
    void shouldNotBeginWhatWasGivenUpBefore() {
        Turn waiting = behindAnother();
        waiting.end();
        assertThatThrownBy(waiting::await).isInstanceOf(CancellationException.class);
        assertThat(inFlight.availablePermits()).isZero();

        Turn taken = Turn.next(new Semaphore(1));
        taken.end();
        assertThatThrownBy(taken::await).isInstanceOf(CancellationException.class);
    }

    @Test
    void shouldGiveTheTurnBackThatCameAfterItWasGivenUp() throws Exception {
        Turn first = Turn.next(inFlight);
        Turn second = Turn.next(inFlight);
        Thread call = Thread.ofVirtual().start(() -> {
            try {
                second.await();
            } catch (CancellationException | InterruptedException e) {
                // what is wanted
            }
        });
        org.awaitility.Awaitility.await().until(inFlight::hasQueuedThreads);
        second.end();
        first.end();
        call.join();
        assertThat(inFlight.availablePermits()).isEqualTo(1);
    }

    private Turn behindAnother() {
        Turn.next(inFlight);
        return Turn.next(inFlight);
    }
}
