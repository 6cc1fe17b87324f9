package io.penstock.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.InstanceEntry;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Time is moved by hand; a beat comes every two seconds. */
class ClusterViewTest {
    private final InstanceSignature signature = new InstanceSignature("the key");
    private final ClusterView view = new ClusterView("self", signature);
    private Duration passed = Duration.ZERO;

    @Test
    void shouldKnowWhatAnInstanceSaysOfItself() {
        beat("a", 1);

        assertThat(view.alive(nanos()))
                .containsExactly(new Peer(
                        "a", URI.create("http://a.example:8080"), Set.of("gateway"), Set.of("runs", "schedule")));
    }

    @Test
    void shouldTakeAnInstanceForAliveForTenSecondsAfterItsLastBeat() {
        beat("a", 1);
        pass(Duration.ofSeconds(8));
        beat("a", 2);
        pass(Duration.ofSeconds(10).minusMillis(1));
        assertAlive("a");

        pass(Duration.ofMillis(1));
        assertAlive();
    }

    @Test
    void shouldForgetAnInstanceAtOnceWhenItTakesItselfBack() {
        beat("a", 1);
        beat("b", 1);

        view.apply("a", null, true, Entries.NOON, nanos());

        assertAlive("b");
    }

    @Test
    void shouldNotTakeAnOldEntryForALife() {
        found("a", 1, Duration.ofSeconds(11));
        found("a", 2, Duration.ofSeconds(10).plusMillis(1));
        assertAlive();

        beat("a", 3);
        assertAlive("a");
    }

    @Test
    void shouldTakeAFreshEntryThatWasThereForALife() {
        found("a", 1, Duration.ofSeconds(9));

        assertAlive("a");
    }

    @Test
    void shouldBelieveABeatWhateverTheClockOfItsMachineSays() {
        InstanceEntry slow = Entries.entry("a", 1, Entries.NOON.minus(Duration.ofDays(1)));

        view.apply("a", signature.signed(slow), true, Entries.NOON, nanos());

        assertAlive("a");
    }

    @Test
    void shouldNotBeBroughtBackByAnEntryThatWasSeenBefore() {
        beat("a", 7);
        view.apply("a", null, true, Entries.NOON, nanos());

        beat("a", 7);
        beat("a", 6);
        assertAlive();

        beat("a", 8);
        assertAlive("a");
    }

    @Test
    void shouldIgnoreItself() {
        beat("self", 1);

        assertAlive();
    }

    @Test
    void shouldLeaveOutWhoCannotSign() {
        InstanceEntry foreign = new InstanceSignature("another key").signed(Entries.entry("a", 1, Entries.NOON));

        view.apply("a", foreign, true, Entries.NOON, nanos());

        assertAlive();
    }

    @Test
    void shouldNotLetAForgeryReplaceTheTruth() {
        beat("a", 1);
        InstanceEntry forged = signature.signed(Entries.entry("a", 2, Entries.NOON));
        forged.setUrl("http://thief.example:8080");

        view.apply("a", forged, true, Entries.NOON, nanos());

        assertThat(view.alive(nanos())).extracting(Peer::url).containsExactly(URI.create("http://a.example:8080"));
    }

    @Test
    void shouldNotTakeAnEntryUnderAnotherInstancesName() {
        InstanceEntry entry = signature.signed(Entries.entry("a", 1, Entries.NOON));

        view.apply("b", entry, true, Entries.NOON, nanos());

        assertAlive();
    }

    @Test
    void shouldLeaveOutWhatHasNoAddress() {
        for (String url : new String[] {"", "a.example:8080", "http:", "not an address"}) {
            InstanceEntry entry = Entries.entry("a", 1, Entries.NOON);
            entry.setUrl(url);

            view.apply("a", signature.signed(entry), true, Entries.NOON, nanos());

            assertAlive();
        }
    }

    @Test
    void shouldTellWhoWasSilentForLong() {
        found("old", 1, Duration.ofDays(1));
        beat("a", 1);
        pass(Duration.ofMinutes(5).minusMillis(1));
        assertThat(view.silentFor(Duration.ofMinutes(5), nanos())).isEmpty();
        beat("b", 1);

        pass(Duration.ofMillis(1));

        assertThat(view.silentFor(Duration.ofMinutes(5), nanos())).containsExactly("a", "old");
    }

    private void beat(String id, long seq) {
        view.apply(id, signature.signed(Entries.entry(id, seq, Entries.NOON)), true, Entries.NOON, nanos());
    }

    /** An entry that was in the topic when this instance started. */
    private void found(String id, long seq, Duration age) {
        view.apply(id, signature.signed(Entries.entry(id, seq, Entries.NOON.minus(age))), false, Entries.NOON, nanos());
    }

    private void pass(Duration time) {
        passed = passed.plus(time);
    }

    private long nanos() {
        return passed.toNanos();
    }

    private void assertAlive(String... ids) {
        assertThat(view.alive(nanos())).extracting(Peer::id).containsExactly(ids);
    }
}
