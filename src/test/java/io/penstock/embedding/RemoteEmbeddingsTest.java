package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.cluster.LoopbackPeers;
import io.penstock.cluster.PeerServer;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RemoteEmbeddingsTest {
    private static final List<String> HOSTS = List.of("vector-index", "chat");
    private static final EmbeddingModel MODEL = new EmbeddingModel("numbers", 2);

    /** Answers as an instance with the model does. */
    private static PeerServer withModel(AtomicInteger asked) {
        EmbeddingAnswers answers = new EmbeddingAnswers(new Embeddings() {
            @Override
            public Optional<EmbeddingModel> model() {
                return Optional.of(MODEL);
            }

            @Override
            public EmbeddedTexts embed(List<String> texts) {
                return new EmbeddedTexts(
                        MODEL,
                        texts.stream()
                                .map(text -> new float[] {text.length(), -0.5f})
                                .toList(),
                        texts.size());
            }
        });
        return new PeerServer((path, question) -> {
            asked.incrementAndGet();
            assertThat(path).isEqualTo("/internal/embeddings");
            return "200 " + answers.answer(new JsonMapper().readTree(question));
        });
    }

    private static PeerServer refusing(ErrorCode code) {
        return new PeerServer((path, question) ->
                code.status() + " {\"code\":\"" + code.code() + "\",\"detail\":\"Because of " + code.code() + ".\"}");
    }

    @Test
    void shouldBringTheVectorsThatAnotherInstanceMade() {
        AtomicInteger asked = new AtomicInteger();
        try (PeerServer peer = withModel(asked);
                LoopbackPeers peers = new LoopbackPeers("key", peer.peer("a", "chat"))) {
            RemoteEmbeddings embeddings = new RemoteEmbeddings(peers, HOSTS);

            EmbeddedTexts embedded = embeddings.embed(List.of("four", "“é”\n😀"));

            assertThat(embedded.model()).isEqualTo(MODEL);
            assertThat(embedded.tokens()).isEqualTo(2);
            assertThat(embedded.vectors()).containsExactly(new float[] {4, -0.5f}, new float[] {6, -0.5f});
            assertThat(peer.keys()).containsExactly("key");
        }
    }

    @Test
    void shouldRememberForAWhileWhichModelThereIs() {
        AtomicInteger asked = new AtomicInteger();
        try (PeerServer peer = withModel(asked);
                LoopbackPeers peers = new LoopbackPeers("key", peer.peer("a", "vector-index"))) {
            RemoteEmbeddings embeddings = new RemoteEmbeddings(peers, HOSTS);

            assertThat(embeddings.model()).contains(MODEL);
            assertThat(embeddings.model()).contains(MODEL);
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void shouldAskAnotherWhenOneIsBusyOrDoesNotAnswer() {
        AtomicInteger asked = new AtomicInteger();
        try (PeerServer busy = refusing(ErrorCode.BUSY);
                PeerServer stopping = refusing(ErrorCode.NOT_READY);
                PeerServer odd = new PeerServer((path, question) -> "200 {\"vectors\":[]}");
                PeerServer works = withModel(asked);
                LoopbackPeers peers = new LoopbackPeers(
                        "key",
                        busy.peer("a", "chat"),
                        stopping.peer("b", "chat"),
                        odd.peer("c", "chat"),
                        works.peer("d", "chat"))) {
            RemoteEmbeddings embeddings = new RemoteEmbeddings(peers, HOSTS);

            for (int i = 0; i < 4; i++) {
                assertThat(embeddings.embed(List.of("a")).vectors()).hasSize(1);
            }
            assertThat(asked).hasValue(4);

            peers.become(busy.peer("a", "chat"), stopping.peer("b", "chat"));
            assertFails(embeddings, ErrorCode.BUSY, "Because of busy");
            peers.become(stopping.peer("b", "chat"), odd.peer("c", "chat"));
            assertFails(embeddings, ErrorCode.NOT_READY, "could embed now");
        }
    }

    @Test
    void shouldPassOnWhyTextsAreRefusedWithoutAskingAnother() {
        AtomicInteger asked = new AtomicInteger();
        try (PeerServer refusing = refusing(ErrorCode.PARAMETER_INVALID);
                PeerServer works = withModel(asked);
                LoopbackPeers peers = new LoopbackPeers("key", refusing.peer("a", "chat"), works.peer("b", "chat"))) {
            assertFails(new RemoteEmbeddings(peers, HOSTS), ErrorCode.PARAMETER_INVALID, "Because of");
            assertThat(asked).hasValue(0);
        }
    }

    @Test
    void shouldSayWhatToStartWhenNoInstanceHasTheModel() {
        AtomicInteger asked = new AtomicInteger();
        try (PeerServer other = withModel(asked);
                LoopbackPeers peers = new LoopbackPeers("key", other.peer("a", "runs"))) {
            RemoteEmbeddings embeddings = new RemoteEmbeddings(peers, HOSTS);

            assertFails(embeddings, ErrorCode.NOT_READY, "role rag");
            assertThat(embeddings.model()).isEmpty();
            assertThat(asked).hasValue(0);
        }
    }

    private static void assertFails(Embeddings embeddings, ErrorCode code, String why) {
        assertThatThrownBy(() -> embeddings.embed(List.of("a")))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(why);
    }
}
