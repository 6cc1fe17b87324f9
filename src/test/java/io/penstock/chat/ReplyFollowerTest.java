package io.penstock.chat;

import static io.penstock.chat.Records.citation;
import static io.penstock.chat.Records.failed;
import static io.penstock.chat.Records.first;
import static io.penstock.chat.Records.last;
import static io.penstock.chat.Records.part;
import static io.penstock.chat.Records.takenOver;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.chat.ReplyFollower.Told;
import io.penstock.schema.ChatReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyFollowerTest {
    private final ReplyFollower follower = new ReplyFollower();

    private List<Told> read(ChatReply... records) {
        List<Told> told = new ArrayList<>();
        for (ChatReply record : records) {
            told.addAll(follower.read(record));
        }
        return told;
    }

    @Test
    void shouldTellCitationsThenTextThenTheEnd() {
        ChatReply end = last("a", 1, 2, "Quay closed [1].", citation(1));

        assertThat(read(first("a", 1, "Quay", citation(1), citation(2)), part("a", 1, 1, 4, " closed [1]."), end))
                .containsExactly(
                        new Told.Citations(List.of(citation(1), citation(2))),
                        new Told.Text("Quay"),
                        new Told.Text(" closed [1]."),
                        new Told.Done(end));
        assertThat(follower.hasEnded()).isTrue();
    }

    @Test
    void shouldTellTheRestOfTheTextThatTheLastRecordHas() {
        ChatReply end = last("a", 1, 1, "Quay closed.");

        assertThat(read(first("a", 1, "Quay"), end))
                .endsWith(new Told.Text("Quay"), new Told.Text(" closed."), new Told.Done(end));
    }

    @Test
    void shouldTellAReplyWithoutPartsWhole() {
        ChatReply end = last("", 1, 0, "Quay closed [1].", citation(1));

        assertThat(read(end))
                .containsExactly(
                        new Told.Citations(List.of(citation(1))),
                        new Told.Text("Quay closed [1]."),
                        new Told.Done(end));
    }

    @Test
    void shouldTellNothingButTheEndOfAnEmptyReply() {
        ChatReply end = last("a", 1, 0, "");

        assertThat(read(end)).containsExactly(new Told.Done(end));
    }

    @Test
    void shouldBeginAnewWhenTheReplyIsMadeAgain() {
        ChatReply end = last("b", 2, 1, "Pier open.");

        assertThat(read(first("a", 1, "Quay", citation(1)), first("b", 2, "Pier", citation(2)), end))
                .containsExactly(
                        new Told.Citations(List.of(citation(1))),
                        new Told.Text("Quay"),
                        new Told.Reset(2),
                        new Told.Citations(List.of(citation(2))),
                        new Told.Text("Pier"),
                        new Told.Text(" open."),
                        new Told.Done(end));
    }

    /** A crash loses the count of attempts that was not committed yet. */
    @Test
    void shouldBeginAnewWhenTheReplyIsMadeAgainUnderTheSameAttempt() {
        assertThat(read(first("a", 1, "Quay"), first("b", 1, "Quay")))
                .endsWith(
                        new Told.Text("Quay"), new Told.Reset(1), new Told.Citations(List.of()), new Told.Text("Quay"));
    }

    @Test
    void shouldPassOverLatePartsOfAnExecutionThatIsNotFollowed() {
        ChatReply end = last("b", 2, 2, "Pier open.");

        assertThat(read(
                        part("a", 1, 0, 0, "Quay"),
                        part("b", 2, 0, 0, "Pier"),
                        part("a", 1, 1, 4, " closed"),
                        part("b", 2, 1, 4, " open"),
                        part("a", 1, 2, 11, "."),
                        end))
                .containsExactly(
                        new Told.Text("Quay"),
                        new Told.Reset(2),
                        new Told.Text("Pier"),
                        new Told.Text(" open"),
                        new Told.Text("."),
                        new Told.Done(end));
    }

    @Test
    void shouldPassOverPartsOfAnExecutionThatWasNotSeenToBegin() {
        ChatReply end = last("b", 1, 1, "Pier");

        assertThat(read(part("a", 1, 3, 20, "the end"), part("b", 1, 0, 0, "Pier"), end))
                .containsExactly(new Told.Text("Pier"), new Told.Done(end));
    }

    /** An instance that was cut off from the others may finish what another one makes again. */
    @Test
    void shouldTakeTheEndOfAZombieForTheEnd() {
        ChatReply end = last("a", 1, 2, "Quay closed.");

        assertThat(read(part("a", 1, 0, 0, "Quay"), part("b", 2, 0, 0, "Pier"), end))
                .containsExactly(
                        new Told.Text("Quay"),
                        new Told.Reset(2),
                        new Told.Text("Pier"),
                        new Told.Reset(1),
                        new Told.Text("Quay closed."),
                        new Told.Done(end));
        assertThat(read(part("b", 2, 1, 4, " open"), last("b", 2, 2, "Pier open.")))
                .isEmpty();
    }

    @Test
    void shouldGoOnWhenAnotherExecutionEndsInWhatWasTold() {
        ChatReply end = last("a", 1, 2, "Quay closed.");

        assertThat(read(part("a", 1, 0, 0, "Quay"), part("b", 2, 0, 0, "Quay clo"), end))
                .endsWith(new Told.Text("Quay clo"), new Told.Text("sed."), new Told.Done(end));
    }

    @Test
    void shouldBeginAnewWhenTheEndIsNotWhatThePartsSaid() {
        ChatReply shorter = last("a", 1, 1, "Quay", citation(1));

        assertThat(read(part("a", 1, 0, 0, "Quay closed  "), shorter))
                .containsExactly(
                        new Told.Text("Quay closed  "),
                        new Told.Reset(1),
                        new Told.Citations(List.of(citation(1))),
                        new Told.Text("Quay"),
                        new Told.Done(shorter));
    }

    @Test
    void shouldTellWhyThereIsNoReply() {
        ChatReply end = failed("b", 2, 0, "llm.timeout");

        assertThat(read(part("a", 1, 0, 0, "Quay"), end))
                .containsExactly(new Told.Text("Quay"), new Told.Failed(end.getError()));
        assertThat(read(last("a", 1, 1, "Quay closed."))).isEmpty();
    }

    @Test
    void shouldTellAnEndWithoutAnswerAndErrorAsAnError() {
        ChatReply neither =
                ChatReply.newBuilder(failed("a", 1, 0, "x")).setError(null).build();

        assertThat(read(neither))
                .singleElement()
                .satisfies(told ->
                        assertThat(((Told.Failed) told).error().getCode()).isEqualTo("internal"));
    }

    @Test
    void shouldPassOverWhatIsRepeated() {
        assertThat(read(
                        part("a", 1, 0, 0, "Quay"),
                        part("a", 1, 1, 4, " clo"),
                        part("a", 1, 1, 4, " clo"),
                        part("a", 1, 2, 6, "losed")))
                .containsExactly(new Told.Text("Quay"), new Told.Text(" clo"), new Told.Text("sed"));
    }

    @Test
    void shouldWaitForTheEndWhenAPartIsMissing() {
        ChatReply end = last("a", 1, 3, "Quay closed.");

        assertThat(read(part("a", 1, 0, 0, "Quay"), part("a", 1, 2, 8, "sed"), end))
                .containsExactly(new Told.Text("Quay"), new Told.Text(" closed."), new Told.Done(end));
    }

    @Test
    void shouldPassOverNotesOfOtherReaders() {
        assertThat(read(part("a", 1, 0, 0, "Quay"), takenOver(), part("a", 1, 1, 4, " closed")))
                .containsExactly(new Told.Text("Quay"), new Told.Text(" closed"));
        assertThat(follower.hasEnded()).isFalse();
    }

    @Test
    void shouldGoOnBehindTheRecordAtWhichAStreamBroke() {
        ChatReply end = last("a", 1, 3, "Quay closed until May.");

        assertThat(follower.takeUp(part("a", 1, 1, 4, " closed"))).isEmpty();
        assertThat(read(part("a", 1, 2, 11, " until"), end))
                .containsExactly(new Told.Text(" until"), new Told.Text(" May."), new Told.Done(end));
    }

    @Test
    void shouldOnlyRepeatTheEndWhenAStreamBrokeThere() {
        ChatReply end = last("a", 1, 3, "Quay closed.");

        assertThat(follower.takeUp(end)).containsExactly(new Told.Done(end));
        assertThat(follower.hasEnded()).isTrue();
    }

    /** What was told before is not known, so nobody can say that it is what the other execution begins with. */
    @Test
    void shouldBeginAnewWhenAnExecutionThatIsNotFollowedEndsAResumedStream() {
        ChatReply end = last("b", 2, 3, "Quay closed.");

        follower.takeUp(part("a", 1, 1, 4, " closed"));

        assertThat(read(end)).containsExactly(new Told.Reset(2), new Told.Text("Quay closed."), new Told.Done(end));
    }

    @Test
    void shouldBeginAnewWhenTheFollowedExecutionEndsOtherwiseThanItsLastPart() {
        ChatReply end = last("a", 1, 3, "Quay CLOSED.");

        follower.takeUp(part("a", 1, 1, 4, " closed"));

        assertThat(read(end)).containsExactly(new Told.Reset(1), new Told.Text("Quay CLOSED."), new Told.Done(end));
    }

    /**
     * Executions that crash anywhere and go on as zombies, and a client that is cut off anywhere and resumes: what it has in the end is
     * the reply, to the last character.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void shouldLeaveAClientWithTheReplyWhereverItsStreamBreaks(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<ChatReply> log = randomLog(random);
            String reply = log.stream()
                    .filter(ChatReply::getLast)
                    .findFirst()
                    .orElseThrow()
                    .getAnswer()
                    .getReply();

            assertThat(new Client(log, random).readAll())
                    .as("seed %d, round %d: %s", seed, round, log)
                    .isEqualTo(reply);
        }
    }

    private static List<ChatReply> randomLog(Random random) {
        List<List<ChatReply>> executions = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            executions.add(execution("e" + i, 1 + random.nextInt(2), random));
        }
        List<ChatReply> log = new ArrayList<>();
        while (executions.stream().anyMatch(left -> !left.isEmpty())) {
            List<ChatReply> one = executions.get(random.nextInt(count));
            if (!one.isEmpty()) {
                log.add(one.removeFirst());
            }
            if (random.nextInt(8) == 0) {
                log.add(takenOver());
            }
        }
        return log;
    }

    private static List<ChatReply> execution(String name, int attempt, Random random) {
        String reply = "The quay is closed. ".repeat(1 + random.nextInt(3)) + (random.nextBoolean() ? name : "");
        List<ChatReply> records = new ArrayList<>();
        int start = 0;
        int seq = 0;
        while (start < reply.length() && random.nextInt(6) > 0) {
            int end = Math.min(reply.length(), start + 1 + random.nextInt(12));
            records.add(part(name, attempt, seq++, start, reply.substring(start, end)));
            start = end;
        }
        records.add(last(name, attempt, seq, random.nextInt(5) == 0 ? reply.strip() : reply));
        return records;
    }

    /** Keeps the text and the id of the last event that had one, and is cut off between any two events. */
    private static final class Client {
        private final List<ChatReply> log;
        private final Random random;
        private final StringBuilder text = new StringBuilder();
        /** The record whose id came last; -1 for the start. */
        private int lastId = -1;

        private boolean done;

        Client(List<ChatReply> log, Random random) {
            this.log = log;
            this.random = random;
        }

        String readAll() {
            while (!done) {
                connect();
            }
            return text.toString();
        }

        private void connect() {
            ReplyFollower follower = new ReplyFollower();
            if (lastId >= 0 && hear(follower.takeUp(log.get(lastId)), lastId)) {
                return;
            }
            for (int i = lastId + 1; i < log.size(); i++) {
                if (hear(follower.read(log.get(i)), i)) {
                    return;
                }
            }
            throw new AssertionError("The log has no end behind record " + lastId);
        }

        /** Whether the connection is over. */
        private boolean hear(List<Told> told, int record) {
            for (Told each : told) {
                if (random.nextInt(6) == 0) {
                    return true;
                }
                switch (each) {
                    case Told.Text(String more) -> {
                        text.append(more);
                        lastId = record;
                    }
                    case Told.Reset(int _) -> text.setLength(0);
                    case Told.Done(ChatReply _) -> done = true;
                    case Told.Citations(var _), Told.Failed(var _) -> {
                        // the text is looked at here
                    }
                }
            }
            return done;
        }
    }
}
