package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.mirror.PineconeServer.Mood;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class PineconeTargetTest {
    private static final String QUAY = "harbour/notices/p/n-17";

    private final PineconeServer server = new PineconeServer();
    private final PineconeTarget target = target(PineconeServer.KEY);

    private PineconeTarget target(String key) {
        return new PineconeTarget(
                new PineconeSettings(key, "records", server.host(), "aws", "us-east-1"), Samples.DIMENSION);
    }

    @AfterEach
    void close() {
        target.close();
        server.close();
    }

    private void apply(Change... changes) {
        target.batches(List.of(changes)).forEach(target::apply);
    }

    @Test
    void shouldMakeAnIndexThatIsNotThere() {
        assertThat(target.open()).isEmpty();

        JsonNode index = Objects.requireNonNull(server.index("records"));
        assertThat(index.path("dimension").intValue()).isEqualTo(Samples.DIMENSION);
        assertThat(index.path("metric").asText()).isEqualTo("cosine");
        assertThat(index.at("/spec/serverless/cloud").asText()).isEqualTo("aws");
        assertThat(index.at("/spec/serverless/region").asText()).isEqualTo("us-east-1");
    }

    @Test
    void shouldExplainThatTheDimensionIsAnother() {
        server.makeIndex("records", 1536, "cosine");

        assertThatThrownBy(target::open).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_DIMENSION);
            assertThat(e.detail()).contains("records", "1536", "4", "PINECONE_INDEX");
        });
    }

    @Test
    void shouldExplainThatTheDimensionHasBecomeAnother() {
        target.open();
        server.dropIndex("records");
        server.makeIndex("records", 8, "cosine");

        assertThatThrownBy(() -> apply(Samples.chunk(QUAY, 0, "Closed.", 1, 0, 0, 0)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_DIMENSION));
        assertThatThrownBy(target::open).hasMessageContaining("8 dimensions");
    }

    @Test
    void shouldKeepTheChunksOfATopicInItsNamespace() {
        target.open();
        apply(
                Samples.chunk(QUAY, 0, "Closed.", 1, 0, 0, 0),
                Samples.chunk("economy/statements/p/1", 0, "Unchanged.", 0, 1, 0, 0),
                Samples.chunk(QUAY, 1, "Until May.", 0, 0, 1, 0));
        assertThat(server.ids("harbour")).containsExactly(Samples.chunkId(QUAY, 0), Samples.chunkId(QUAY, 1));
        assertThat(server.ids("economy")).hasSize(1);

        apply(
                new Change.Delete(MirrorSource.CHUNKS, Samples.chunkId(QUAY, 0)),
                new Change.Delete(MirrorSource.CHUNKS, "gone/s/p/i#m#h#0"));
        assertThat(server.ids("harbour")).containsExactly(Samples.chunkId(QUAY, 1));
    }

    @Test
    void shouldFindAnIdForKeysThatPineconeDoesNotTake() {
        target.open();
        String unicode = "harbour/notices/p/größe";
        String endless = "harbour/notices/p/" + "x".repeat(600);
        apply(Samples.chunk(unicode, 0, "Width.", 1, 0, 0, 0), Samples.chunk(endless, 0, "Long.", 1, 0, 0, 0));
        assertThat(server.ids("harbour")).hasSize(2).allMatch(id -> id.matches("~[0-9a-f]{64}"));

        LiveKeys live = new LiveKeys();
        live.add(target.nameOf(MirrorSource.CHUNKS, Samples.chunkId(endless, 0)));
        assertThat(target.sweep(live)).isOne();
        apply(new Change.Delete(MirrorSource.CHUNKS, Samples.chunkId(endless, 0)));
        assertThat(server.topics()).isEmpty();
    }

    @Test
    void shouldSweepWhatIsNotLiveAndNothingOfOthers() {
        target.open();
        target.mark("this one");
        List<Change> chunks = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            chunks.add(Samples.chunk("harbour/notices/p/" + i, 0, "Text.", 1, 0, 0, 0));
        }
        chunks.add(Samples.chunk("gone/notices/p/1", 0, "Text.", 1, 0, 0, 0));
        chunks.add(Samples.chunk("somebody/else/s/item", 0, "Text.", 1, 0, 0, 0));
        apply(chunks.toArray(Change[]::new));
        LiveKeys live = new LiveKeys();
        live.add(target.nameOf(MirrorSource.CHUNKS, Samples.chunkId("harbour/notices/p/7", 0)));

        assertThat(target.sweep(live)).isEqualTo(251);

        assertThat(server.topics()).containsExactly("harbour");
        assertThat(server.ids("harbour")).hasSize(1);
        assertThat(target.open()).isEqualTo("this one");
    }

    @Test
    void shouldNoticeThatEverythingWasLost() {
        target.open();
        target.mark("this one");
        assertThat(target.keep(Instant.EPOCH)).isTrue();
        server.forgetEverything();

        assertThat(target.keep(Instant.EPOCH)).isFalse();
    }

    @Test
    void shouldSayThatAChunkIsRefused() {
        target.open();

        assertThatThrownBy(() -> apply(Samples.chunk(QUAY, 0, "x".repeat(50_000), 1, 0, 0, 0)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_REFUSED));
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"UNAVAILABLE", "LIMITED"})
    void shouldSayThatPineconeDoesNotAnswer(Mood mood) {
        target.open();
        server.feel(mood);

        assertThatThrownBy(() -> apply(Samples.chunk(QUAY, 0, "Closed.", 1, 0, 0, 0)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_UNREACHABLE));
        server.feel(Mood.WELL);
        assertThat(target.open()).isEmpty();
    }

    @Test
    void shouldGoOnAfterItWasAway() {
        target.open();
        server.stop();
        assertThatThrownBy(() -> apply(Samples.chunk(QUAY, 0, "Closed.", 1, 0, 0, 0)))
                .isInstanceOf(PenstockException.class);
        server.startAgain();

        // The channel connects while the first call is refused.
        Awaitility.await().ignoreExceptions().untilAsserted(() -> {
            target.open();
            apply(Samples.chunk(QUAY, 0, "Closed.", 1, 0, 0, 0));
            assertThat(server.ids("harbour")).hasSize(1);
        });
    }

    @Test
    void shouldSayThatTheKeyIsWrongWithoutShowingIt() {
        server.makeIndex("records", Samples.DIMENSION, "cosine");
        try (PineconeTarget stranger = target("pcsk_hushhush")) {
            assertThatThrownBy(stranger::open).isInstanceOfSatisfying(PenstockException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.MIRROR_UNAUTHORIZED);
                assertThat(e.detail()).contains("PINECONE_API_KEY").doesNotContain("hushhush");
            });
        }
    }
}
