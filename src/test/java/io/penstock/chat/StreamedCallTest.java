package io.penstock.chat;

import static io.penstock.chat.Records.REQUEST;
import static io.penstock.chat.Records.SESSION;
import static io.penstock.chat.Records.failed;
import static io.penstock.chat.Records.last;
import static io.penstock.chat.Records.part;
import static io.penstock.chat.Records.takenOver;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StreamedCallTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Heard heard = new Heard();
    private final ManualHost host = new ManualHost();
    private final AtomicInteger ended = new AtomicInteger();

    /** Runs what is due when the test says so. */
    private static final class ManualHost implements StreamedCall.Host {
        private record Due(Duration delay, FutureTask<?> task) {}

        private final List<Due> timers = new ArrayList<>();
        private final List<String> cancelled = new ArrayList<>();
        private int timeouts;

        @Override
        public Future<?> after(Duration delay, Runnable task) {
            FutureTask<?> due = new FutureTask<>(task, null);
            timers.add(new Due(delay, due));
            return due;
        }

        void pass(Duration delay) {
            timers.stream()
                    .filter(due -> due.delay().equals(delay))
                    .toList()
                    .forEach(due -> due.task().run());
        }

        @Override
        public void cancelCall(String requestId, String sessionId, int partition) {
            cancelled.add(requestId + " of " + sessionId + " at " + partition);
        }

        @Override
        public void timedOut() {
            timeouts++;
        }
    }

    private StreamedCall call(String session, boolean remembered) {
        StreamedCall call = new StreamedCall(
                new EventId(3, 100, 0, REQUEST),
                session,
                remembered,
                PATIENCE,
                GRACE,
                heard,
                host,
                ended::incrementAndGet);
        call.await();
        return call;
    }

    private StreamedCall open() {
        StreamedCall call = call(SESSION, true);
        call.begin();
        return call;
    }

    @Test
    void shouldPassOnWhatIsReadWithTheIdsOfItsRecords() {
        StreamedCall call = open();
        assertThat(heard.lastId()).isEqualTo(new EventId(3, 100, 0, REQUEST));

        call.read(part("a", 2, 0, 0, "Quay"), 105);
        assertThat(heard.lastId()).isEqualTo(new EventId(3, 105, 2, REQUEST));
        call.read(last("a", 2, 1, "Quay closed."), 109);

        assertThat(heard.lines()).containsExactly("start", "text Quay", "text  closed.", "done Quay closed.");
        assertThat(heard.lastId()).isEqualTo(new EventId(3, 109, 2, REQUEST));
        assertThat(ended).hasValue(1);
        assertThat(host.cancelled).isEmpty();
    }

    /** The reader may be faster than the producer that says that the request was sent. */
    @Test
    void shouldBeginWithTheReplyWhenItIsThereFirst() {
        StreamedCall call = call(SESSION, true);

        call.read(last("a", 1, 0, "Quay"), 105);
        call.begin();

        assertThat(heard.lines()).containsExactly("start", "text Quay", "done Quay");
    }

    @Test
    void shouldSayOnlyWhyTheRequestCouldNotBeSent() {
        StreamedCall call = call(SESSION, true);

        call.fail(new PenstockException(ErrorCode.NOT_READY, "No broker."));
        call.begin();

        assertThat(heard.lines()).containsExactly("error not-ready");
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldSayWhatTheReplySaysWentWrong() {
        StreamedCall call = open();

        call.read(failed("a", 1, 0, "llm.timeout"), 105);

        assertThat(heard.lines()).containsExactly("start", "error llm.timeout");
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldCancelTheCallWhenItsClientDoesNotComeBackInTime() {
        StreamedCall call = open();

        call.clientGone();
        call.read(part("a", 1, 0, 0, "Quay"), 105);
        assertThat(host.cancelled).isEmpty();
        host.pass(GRACE);

        assertThat(host.cancelled).containsExactly(REQUEST + " of " + SESSION + " at 3");
        assertThat(heard.lines()).containsExactly("start");
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldNotCancelTheCallOfAReplyThatIsWholeBeforeTheGraceIsOver() {
        StreamedCall call = open();

        call.clientGone();
        call.read(last("a", 1, 0, "Quay"), 105);
        host.pass(GRACE);

        assertThat(host.cancelled).isEmpty();
        assertThat(heard.lines()).containsExactly("start");
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldLeaveTheCallToWhoeverTookTheStreamUp() {
        StreamedCall call = open();

        call.clientGone();
        call.read(takenOver(), 105);
        assertThat(ended).hasValue(1);
        host.pass(GRACE);

        assertThat(host.cancelled).isEmpty();
    }

    /** A client that has come back elsewhere may not be known to have gone here. */
    @Test
    void shouldGoOnForAClientThatIsThereWhenAnotherTakesTheStreamUp() {
        StreamedCall call = open();

        call.read(takenOver(), 105);
        call.read(part("a", 1, 0, 0, "Quay"), 106);
        assertThat(heard.text()).isEqualTo("Quay");

        call.clientGone();

        assertThat(ended).hasValue(1);
        assertThat(host.cancelled).isEmpty();
    }

    @Test
    void shouldNotTakeItsOwnNoteForAnothers() {
        StreamedCall call = call("", true);
        call.wroteNote(105);
        call.begin();

        call.read(takenOver(), 105);
        call.read(part("a", 1, 0, 0, "Quay"), 106);
        call.clientGone();
        host.pass(GRACE);

        assertThat(host.cancelled).containsExactly(REQUEST + " of " + SESSION + " at 3");
    }

    @Test
    void shouldCancelAtOnceWhenTold() {
        StreamedCall call = open();

        call.cancel();
        call.cancel();

        assertThat(host.cancelled).hasSize(1);
        assertThat(ended).hasValue(1);
        assertThat(heard.lines()).containsExactly("start");
    }

    /** A stream that is resumed from its start learns of its session from the first record. */
    @Test
    void shouldCancelOnceTheSessionIsKnown() {
        StreamedCall call = call("", true);
        call.begin();

        call.clientGone();
        host.pass(GRACE);
        assertThat(host.cancelled).isEmpty();
        assertThat(ended).hasValue(0);
        call.read(part("a", 1, 0, 0, "Quay"), 105);

        assertThat(host.cancelled).containsExactly(REQUEST + " of " + SESSION + " at 3");
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldSayWhereALateReplyCanBeReadWhenTheTimeIsOver() {
        open();

        host.pass(PATIENCE);

        assertThat(heard.error()).isInstanceOfSatisfying(ChatTimeoutException.class, late -> {
            assertThat(late.requestId()).isEqualTo(REQUEST);
            assertThat(late.sessionId()).isEqualTo(SESSION);
        });
        assertThat(host.timeouts).isEqualTo(1);
        assertThat(host.cancelled).isEmpty();
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldCancelALateReplyThatNobodyCouldRead() {
        call(SESSION, false).begin();

        host.pass(PATIENCE);

        assertThat(heard.lines()).containsExactly("start", "error chat.timeout");
        assertThat(host.cancelled).hasSize(1);
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldOnlyRepeatTheEndOfAStreamThatBrokeThere() {
        StreamedCall call = call("", true);

        call.takeUp(last("a", 1, 1, "Quay closed."));

        assertThat(heard.lines()).containsExactly("start", "done Quay closed.");
        assertThat(ended).hasValue(1);
    }

    @Test
    void shouldGoOnBehindTheRecordAtWhichTheStreamBroke() {
        StreamedCall call = call("", true);

        call.takeUp(part("a", 1, 1, 4, " closed"));
        call.begin();
        call.read(last("a", 1, 2, "Quay closed."), 120);

        assertThat(heard.lines()).containsExactly("start", "text .", "done Quay closed.");
        assertThat(call.session()).isEqualTo(SESSION);
    }

    @Test
    void shouldStopItsTimersAtTheEnd() {
        StreamedCall call = open();

        call.clientGone();
        call.read(last("a", 1, 0, "Quay"), 105);

        assertThat(host.timers).hasSize(2).allMatch(due -> due.task().isCancelled());
    }

    @Test
    void shouldCancelAtTheEndOfTheProcessWhatNobodyCouldResume() {
        call(SESSION, true).stop(); // no id was told
        heard.withoutResuming();
        open().stop();

        assertThat(host.cancelled).hasSize(2).containsOnly(REQUEST + " of " + SESSION + " at 3");
        assertThat(heard.error()).isInstanceOf(StreamBrokenException.class);
        assertThat(ended).hasValue(2);
    }

    @Test
    void shouldLeaveAtTheEndOfTheProcessWhatMayBeResumedElsewhere() {
        StreamedCall there = open();
        StreamedCall gone = open();
        gone.clientGone();
        StreamedCall ofOthers = open();
        ofOthers.read(takenOver(), 200);

        there.stop();
        gone.stop();
        ofOthers.stop();
        there.stop();

        assertThat(host.cancelled).isEmpty();
        assertThat(ended).hasValue(3);
    }
}
