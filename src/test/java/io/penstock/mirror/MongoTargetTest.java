package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ConnectionString;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MongoTargetTest {
    private final RealMongo mongo = new RealMongo();
    private final MongoTarget target = new MongoTarget(new ConnectionString(mongo.uri()));

    @BeforeEach
    void open() {
        assertThat(target.open()).isEmpty();
    }

    @AfterEach
    void close() {
        target.close();
        mongo.close();
    }

    private void apply(Change... changes) {
        target.batches(List.of(changes)).forEach(target::apply);
    }

    private Document document(String collection, String id) {
        return mongo.ask(database ->
                database.getCollection(collection).find(new Document("_id", id)).first());
    }

    @Test
    void shouldKeepTheDocumentsOfATopicInItsCollection() {
        apply(
                Samples.inference("harbour/notices/p/n-17", "The quay is closed."),
                Samples.inference("economy/statements/p/1", "Rates are unchanged."),
                Samples.inference("harbour/tides/p/t-1", "High water at noon."));

        assertThat(mongo.ids("harbour")).containsExactly("harbour/notices/p/n-17", "harbour/tides/p/t-1");
        assertThat(mongo.ids("economy")).containsExactly("economy/statements/p/1");
        Document found = document("harbour", "harbour/notices/p/n-17");
        assertThat(found)
                .containsEntry("segment", "notices")
                .containsEntry("text", "The quay is closed.")
                .containsEntry("captured_at", Date.from(Instant.parse("2026-11-20T12:00:00Z")))
                .containsEntry("labels", List.of(new Document("name", "easing").append("score", 0.5)))
                .doesNotContainKey("fence");
        assertThat(found.get("attributes", Document.class))
                .containsAllEntriesOf(Map.of("content\uFF0Etype", "text/plain", "\uFF04price", "1"));
    }

    @Test
    void shouldReplaceADocumentAndDropACollectionWithItsLast() {
        apply(Samples.inference("harbour/notices/p/n-17", "Closed."), Samples.inference("harbour/notices/p/n-18", "x"));
        apply(
                Samples.inference("harbour/notices/p/n-17", "Open."),
                new Change.Delete(MirrorSource.RECORDS, "harbour/notices/p/n-18"));
        assertThat(mongo.ids("harbour")).containsExactly("harbour/notices/p/n-17");
        assertThat(document("harbour", "harbour/notices/p/n-17")).containsEntry("text", "Open.");

        Change.Delete last = new Change.Delete(MirrorSource.RECORDS, "harbour/notices/p/n-17");
        apply(last);
        apply(last);
        assertThat(mongo.collections()).doesNotContain("harbour");

        apply(Samples.inference("harbour/notices/p/n-17", "Anew."));
        assertThat(mongo.ids("harbour")).containsExactly("harbour/notices/p/n-17");
    }

    @Test
    void shouldSweepWhatIsNotLiveAndNothingOfOthers() {
        mongo.ask(database -> database.getCollection("theirs").insertOne(new Document("_id", "theirs/a/b/c")));
        apply(IntStream.range(0, 120)
                .mapToObj(i -> Samples.inference("harbour/notices/p/" + i, "old"))
                .toArray(Change[]::new));
        apply(Samples.inference("economy/statements/p/1", "old"));
        mongo.ask(database -> database.getCollection("harbour").insertOne(new Document("_id", 17)));
        LiveKeys live = new LiveKeys();
        live.add(target.nameOf(MirrorSource.RECORDS, "harbour/notices/p/7"));

        assertThat(target.sweep(live)).isEqualTo(120);

        assertThat(mongo.<Long>ask(database -> database.getCollection("harbour").countDocuments()))
                .isEqualTo(2);
        assertThat(mongo.ids("theirs")).containsExactly("theirs/a/b/c");
        assertThat(mongo.collections()).doesNotContain("economy");
    }

    @Test
    void shouldRememberWhoseCopyItHolds() {
        target.mark("unfinished this one");
        target.mark("this one");

        assertThat(target.open()).isEqualTo("this one");
        assertThat(target.keep(Instant.EPOCH)).isTrue();
        mongo.ask(database -> {
            database.drop();
            return true;
        });
        assertThat(target.keep(Instant.EPOCH)).isFalse();
    }

    @Test
    void shouldSayThatNobodyAnswersAndGoOnAfterwards() {
        try (MongoTarget impatient = new MongoTarget(new ConnectionString(
                mongo.uri().replace("://", "://keeper:hushhush@") + "?serverSelectionTimeoutMS=300&authSource=x"))) {
            mongo.stop();
            assertThatThrownBy(impatient::open).isInstanceOfSatisfying(PenstockException.class, e -> {
                assertThat(e.code()).isIn(ErrorCode.MIRROR_UNREACHABLE, ErrorCode.MIRROR_UNAUTHORIZED);
                assertThat(e.detail()).contains("127.0.0.1").doesNotContain("hushhush");
            });
        }
        mongo.startAgain();

        // Connections that the driver kept are found to be broken when they are used.
        Awaitility.await()
                .ignoreExceptions()
                .untilAsserted(() -> apply(Samples.inference("harbour/notices/p/n-17", "Closed.")));
        assertThat(mongo.ids("harbour")).hasSize(1);
    }
}
