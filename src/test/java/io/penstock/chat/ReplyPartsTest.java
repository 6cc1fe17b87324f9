package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.chat.ReplyParts.Part;
import io.penstock.schema.Citation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReplyPartsTest {
    private final DrivenChat.Calls time = new DrivenChat.Calls();
    private final List<Part> parts = new CopyOnWriteArrayList<>();
    private final ReplyParts reply = new ReplyParts("x", event -> parts.add((Part) event), time);

    @Test
    void shouldPassOnCitationsAndTheFirstWordsAtOnce() {
        List<Citation> none = List.of();
        reply.onCitations(none);
        assertThat(parts).containsExactly(new Part("x", 0, null, none));
        reply.onText("It");

        assertThat(parts).last().isEqualTo(new Part("x", 0, "It", null));
        assertThat(reply.end()).isEqualTo(2);
    }

    @Test
    void shouldNotLetAPauseOfTheModelHoldTextBack() {
        reply.onText("It");
        reply.onText(" rose");
        reply.onText(" by");
        time.advance(Duration.ofMillis(49));
        assertThat(parts).hasSize(1);
        time.advance(Duration.ofMillis(1));

        assertThat(parts).last().isEqualTo(new Part("x", 2, " rose by", null));
        time.advance(Duration.ofSeconds(5));
        assertThat(parts).as("nothing more was written").hasSize(2);
        reply.onText(" a third");
        assertThat(parts).as("and what comes then need not wait").hasSize(3);
    }

    @Test
    void shouldPassNothingOnAfterTheEnd() {
        reply.onText("It");
        reply.onText(" rose");

        assertThat(reply.end()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));

        assertThat(parts).hasSize(1);
    }

    @Test
    void shouldEndTheMakingOfAReplyThatWasCancelled() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> reply.onText("It")).isInstanceOf(CancellationException.class);

        assertThat(Thread.interrupted())
                .as("whoever reads from the model must see it")
                .isTrue();
        assertThat(parts).isEmpty();
    }

    @Test
    void shouldPassOnWithTheTimeOfThisMachineToo() throws Exception {
        CountDownLatch second = new CountDownLatch(2);
        ReplyParts real = new ReplyParts("x", event -> second.countDown(), PartTimer.system());
        real.onText("It");
        real.onText(" rose");

        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(real.end()).isEqualTo(2);
    }
}
