package io.penstock.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PeerCallsTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final JsonNode QUESTION =
            JsonNodeFactory.instance.objectNode().put("key", "a");

    @Test
    void shouldGatherTheAnswersOfAllWithTheKey() {
        try (PeerServer one = new PeerServer((path, question) -> "200 {\"from\":1,\"path\":\"" + path + "\"}");
                PeerServer two = new PeerServer((path, question) -> "200 " + question);
                LoopbackPeers peers = new LoopbackPeers("the key")) {
            List<PeerAnswer> answers =
                    peers.ask(List.of(one.peer("one"), two.peer("two")), "/some/path", QUESTION, LONG, body -> false);

            assertThat(answers)
                    .extracting(answer -> ((Answered) answer).body().toString())
                    .containsExactlyInAnyOrder("{\"from\":1,\"path\":\"/some/path\"}", QUESTION.toString());
            assertThat(one.keys()).containsExactly("the key");
        }
    }

    @Test
    void shouldNotWaitForTheRestWhenOneAnswerIsEnough() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        try (PeerServer slow = new PeerServer((path, question) -> {
                    never.await();
                    return "200 {}";
                });
                PeerServer quick = new PeerServer((path, question) -> "200 {\"found\":true}");
                LoopbackPeers peers = new LoopbackPeers("the key")) {
            List<PeerAnswer> answers = peers.ask(
                    List.of(slow.peer("slow"), quick.peer("quick")), "/", QUESTION, LONG, body -> body.has("found"));

            assertThat(answers).extracting(answer -> answer.peer().id()).containsExactly("quick");
            never.countDown();
        }
    }

    @Test
    void shouldCountWhoDoesNotAnswerInTimeAsFailed() {
        CountDownLatch never = new CountDownLatch(1);
        try (PeerServer slow = new PeerServer((path, question) -> {
                    never.await();
                    return "200 {}";
                });
                PeerServer quick = new PeerServer((path, question) -> "200 {}");
                LoopbackPeers peers = new LoopbackPeers("the key")) {
            List<PeerAnswer> answers = peers.ask(
                    List.of(slow.peer("slow"), quick.peer("quick")),
                    "/",
                    QUESTION,
                    Duration.ofMillis(500),
                    body -> false);

            assertThat(answers).hasSize(2);
            assertThat(answers.get(0)).isInstanceOf(Answered.class);
            assertThat(answers.get(1))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> assertThat(failed.peer().id()).isEqualTo("slow"));
            never.countDown();
        }
    }

    @Test
    void shouldSayWhyAPeerFailed() {
        try (PeerServer refusing =
                        new PeerServer((path, question) -> "503 {\"code\":\"not-ready\",\"detail\":\"It starts.\"}");
                PeerServer talking = new PeerServer((path, question) -> "200 <html>");
                PeerServer sending = new PeerServer((path, question) -> "302 {}");
                LoopbackPeers peers = new LoopbackPeers("the key")) {
            assertThat(reason(peers, refusing.peer("refusing"))).contains("503", "It starts.");
            assertThat(reason(peers, talking.peer("talking"))).contains("not JSON");
            assertThat(reason(peers, sending.peer("sending"))).contains("302");
            Peer nobody = new Peer("nobody", URI.create("http://127.0.0.1:1"), Set.of(), Set.of());
            assertThat(reason(peers, nobody)).contains("cannot be reached");
        }
    }

    private static String reason(Peers peers, Peer peer) {
        List<PeerAnswer> answers = peers.ask(List.of(peer), "/", QUESTION, LONG, body -> false);
        assertThat(answers).hasSize(1);
        return ((Failed) answers.getFirst()).reason();
    }
}
