package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The key stays where it is kept, whatever it was used for. */
@Timeout(180)
@ExtendWith(SharedPenstock.class)
class SecretIT {
    private static final String MARK = "zanzibarquartz";

    private final PenstockProcess penstock;
    private final Api api;

    SecretIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    /** Sends the key in every way there is, and a word that is expected to be found. */
    @BeforeEach
    void use() {
        for (String body : List.of(
                "/api/topic {\"topic\":\"secretive\",\"topic_action\":\"create\",",
                "/api/segment {\"topic\":\"secretive\",\"segment\":\"notes\",\"segment_action\":\"create\",")) {
            int space = body.indexOf(' ');
            assertThat(api.send(api.request(body.substring(0, space))
                                    .POST(BodyPublishers.ofString(
                                            body.substring(space + 1) + "\"api_key\":\"" + api.key() + "\"}")))
                            .status())
                    .isIn(200, 201);
        }
        Answer stored = api.put(
                "/api/processors/secretive-notes",
                "{\"topic\":\"secretive\",\"segment\":\"notes\",\"data_list\":[{\"value\":\"one\",\"label\":\"One\","
                        + "\"text\":\"The word of the day is " + MARK + ", and it is found where texts are kept.\"}]}");
        assertThat(stored.status()).isIn(200, 201);
        Answer collected = api.send(api.request("/api/collect")
                .POST(BodyPublishers.ofString("{\"topic\":\"secretive\",\"segment_targets\":[\"notes\"],\"api_key\":\""
                        + api.key() + "\"}")));
        assertThat(collected.status()).isEqualTo(202);
        api.ended(collected.body().at("/runs/0/run_id").textValue());
        String basic = Base64.getEncoder().encodeToString(("any:" + api.key()).getBytes(UTF_8));
        for (String authorization : List.of("Bearer " + api.key(), "Basic " + basic)) {
            assertThat(api.send(api.request("/api/chat")
                                    .header("Authorization", authorization)
                                    .POST(BodyPublishers.ofString("{\"message\":\"What is the word of the day?\"}")))
                            .status())
                    .isEqualTo(200);
        }
        api.send(api.request("/api/topic").POST(BodyPublishers.ofString("{\"api_key\":\"" + api.key() + "\", oops")));
    }

    @Test
    void shouldBeInNoFileButItsOwn() throws IOException {
        Path keyFile = penstock.data().resolve("api-key");

        assertThat(filesWith(api.key())).containsExactly(keyFile);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
                .isEqualTo("rw-------");
        assertThat(filesWith(MARK)).as("what is looked for can be found").isNotEmpty();
    }

    @Test
    void shouldBeInNoKafkaTopic() {
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            Set<String> withKey = new TreeSet<>();
            Set<String> withMark = new TreeSet<>();
            for (ConsumerRecord<byte[], byte[]> found : kafka.uncommitted()) {
                if (holds(found, api.key())) {
                    withKey.add(found.topic());
                }
                if (holds(found, MARK)) {
                    withMark.add(found.topic());
                }
            }
            assertThat(withKey).isEmpty();
            assertThat(withMark).contains("capture.task", "raw.secretive", "inference", "chunk", "chat.reply");
        }
    }

    @Test
    void shouldBeInNoLineOfTheLogButTheOneToPaste() {
        assertThat(PenstockProcess.text(penstock.log()).lines().filter(line -> line.contains(api.key())))
                .singleElement()
                .asString()
                .startsWith("curl -s -H 'X-API-Key: ");
    }

    private static boolean holds(ConsumerRecord<byte[], byte[]> found, String word) {
        if (holds(found.key(), word) || holds(found.value(), word)) {
            return true;
        }
        for (var header : found.headers()) {
            if (holds(header.value(), word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(byte @Nullable [] bytes, String word) {
        return bytes != null && indexOf(bytes, bytes.length, word.getBytes(UTF_8)) >= 0;
    }

    private List<Path> filesWith(String word) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(penstock.data())) {
            all = files.filter(Files::isRegularFile).toList();
        }
        List<Path> found = new ArrayList<>();
        for (Path file : all) {
            if (holds(file, word.getBytes(UTF_8))) {
                found.add(file);
            }
        }
        return found;
    }

    private static boolean holds(Path file, byte[] word) throws IOException {
        byte[] window = new byte[1 << 16];
        int kept = 0;
        try (InputStream input = Files.newInputStream(file)) {
            while (true) {
                int read = input.read(window, kept, window.length - kept);
                if (read < 0) {
                    return false;
                }
                int filled = kept + read;
                if (indexOf(window, filled, word) >= 0) {
                    return true;
                }
                // A word may begin in one window and end in the next.
                kept = Math.min(filled, word.length - 1);
                System.arraycopy(window, filled - kept, window, 0, kept);
            }
        } catch (NoSuchFileException e) {
            return false; // merged or rolled away meanwhile; what it held is in its successor
        }
    }

    private static int indexOf(byte[] bytes, int length, byte[] word) {
        for (int at = 0; at <= length - word.length; at++) {
            if (bytes[at] == word[0] && Arrays.equals(bytes, at, at + word.length, word, 0, word.length)) {
                return at;
            }
        }
        return -1;
    }
}
