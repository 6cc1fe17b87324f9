package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReplyPartitionsTest {
    private final AtomicInteger changes = new AtomicInteger();
    private final ReplyPartitions partitions = new ReplyPartitions(changes::incrementAndGet);

    private void own(Integer... numbers) {
        partitions.assigned(List.of(numbers));
        List.of(numbers).forEach(partitions::known);
    }

    @Test
    void shouldNameAPartitionOnlyOnceItsEndIsKnown() {
        partitions.assigned(List.of(3, 4));

        assertThat(partitions.wanted()).containsExactlyInAnyOrder(3, 4);
        assertThat(partitions.unknown()).containsExactly(3, 4);
        assertThat(partitions.isNamingAny()).isFalse();
        assertThat(partitions.acquire()).isEmpty();

        partitions.known(4);

        assertThat(partitions.named()).containsExactly(4);
        assertThat(partitions.unknown()).containsExactly(3);
        assertThat(partitions.acquire()).hasValue(4);
    }

    @Test
    void shouldNameItsPartitionsInTurn() {
        own(1, 5, 9);

        Set<Integer> chosen = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
            chosen.add(partitions.acquire().orElseThrow());
        }

        assertThat(chosen).containsExactly(1, 5, 9);
    }

    @Test
    void shouldReadARevokedPartitionUntilItsLastRequestIsDone() {
        own(1);
        int used = partitions.acquire().orElseThrow();
        partitions.acquire();
        own(2);

        partitions.revoked(List.of(1));

        assertThat(partitions.named()).containsExactly(2);
        assertThat(partitions.wanted()).containsExactlyInAnyOrder(1, 2);

        partitions.release(used);
        assertThat(partitions.wanted()).contains(1);
        partitions.release(used);

        assertThat(partitions.wanted()).containsExactly(2);
    }

    @Test
    void shouldDropARevokedPartitionThatNoRequestNamed() {
        own(1, 2);

        partitions.revoked(List.of(1));

        assertThat(partitions.wanted()).containsExactly(2);
    }

    @Test
    void shouldDropAPartitionThatIsRevokedBeforeItWasKnown() {
        own(2);
        partitions.assigned(List.of(1));

        partitions.revoked(List.of(1));
        partitions.known(1);

        assertThat(partitions.wanted()).containsExactly(2);
        assertThat(partitions.named()).containsExactly(2);
    }

    @Test
    void shouldNameAgainAtOnceWhatComesBackWhileItIsRead() {
        own(1, 2);
        int first = partitions.acquire().orElseThrow();
        partitions.revoked(List.of(first));
        assertThat(partitions.named()).doesNotContain(first);

        partitions.assigned(List.of(first));

        assertThat(partitions.named()).containsExactly(1, 2);
        partitions.release(first);
        assertThat(partitions.wanted()).containsExactlyInAnyOrder(1, 2);
    }

    /** The group loses sight of an instance that was paused for long; it finds out when it comes back. */
    @Test
    void shouldGoOnNamingThePartitionThatItReadLastWhenAllAreGone() {
        own(7);

        partitions.revoked(List.of(7));

        assertThat(partitions.named()).containsExactly(7);

        own(3);

        assertThat(partitions.named()).containsExactly(3);
        assertThat(partitions.wanted()).containsExactly(3);
    }

    @Test
    void shouldBorrowOneWhenTheGroupHasNoneForIt() {
        partitions.borrow(11);
        assertThat(partitions.wanted()).containsExactly(11);
        assertThat(partitions.isNamingAny()).isFalse();

        partitions.known(11);
        partitions.borrow(12);

        assertThat(partitions.named()).containsExactly(11);
        assertThat(partitions.wanted()).containsExactly(11);
    }

    @Test
    void shouldGiveABorrowedOneBackOnceItHasOneOfItsOwn() {
        partitions.borrow(11);
        partitions.known(11);
        int used = partitions.acquire().orElseThrow();

        own(4);

        assertThat(partitions.named()).containsExactly(4);
        assertThat(partitions.wanted()).containsExactlyInAnyOrder(4, 11);
        partitions.release(used);
        assertThat(partitions.wanted()).containsExactly(4);
    }

    @Test
    void shouldTellOnlyWhenOtherPartitionsAreToBeRead() {
        own(1, 2);
        assertThat(changes).hasValue(1);

        int used = partitions.acquire().orElseThrow();
        partitions.release(used);
        assertThat(changes).hasValue(1);

        partitions.revoked(List.of(1));
        assertThat(changes).hasValue(2);
    }

    @Test
    void shouldWaitUntilThereIsOneToName() throws InterruptedException {
        assertThat(partitions.awaitNamed(Duration.ofMillis(1))).isFalse();

        Thread other = Thread.ofVirtual().start(() -> own(1));

        assertThat(partitions.awaitNamed(Duration.ofSeconds(30))).isTrue();
        other.join();
    }
}
