package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MirrorSettingsTest {
    private static MirrorSettings settings(Map<String, String> variables) {
        return new MirrorSettings(variables::get, InstantSource.system());
    }

    @Test
    void shouldHaveNoMirrorUnlessItsVariableIsSet() {
        assertThat(settings(Map.of("PINECONE_INDEX", "x", "REDIS_TTL", "P1D")).wanted())
                .isEmpty();
        assertThat(settings(Map.of()).search()).isEqualTo(SearchSource.LOCAL);
    }

    @Test
    void shouldHaveEachMirrorWhoseVariableIsSet() {
        assertThat(settings(Map.of(
                                "PINECONE_API_KEY", "secret",
                                "REDIS_URL", "rediss://user:secret@cache.example:6380/2",
                                "MONGODB_URI", "mongodb://user:secret@db.example/records"))
                        .wanted())
                .allSatisfy(wanted -> assertThat(wanted.fault()).isEmpty())
                .extracting(MirrorSettings.Wanted::name)
                .containsExactly("pinecone", "redis", "mongodb");
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS_URL, http://user:hushhush@host",
        "REDIS_URL, redis://user:hushhush@",
        "REDIS_URL, redis://user:hush hush@host",
        "MONGODB_URI, mysql://user:hushhush@host",
        "MONGODB_URI, mongodb://user:hushhush:more@host",
    })
    void shouldSayWhatIsWrongWithoutTheSecretAndKeepTheOthers(String variable, String value) {
        String other = variable.equals("REDIS_URL") ? "MONGODB_URI" : "REDIS_URL";
        MirrorSettings settings =
                settings(Map.of(variable, value, other, other.equals("REDIS_URL") ? "redis://host" : "mongodb://host"));

        assertThat(settings.wanted()).hasSize(2).satisfiesOnlyOnce(wanted -> {
            assertThat(wanted.target()).isNull();
            assertThat(wanted.fault()).contains(variable).doesNotContain("hush");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS_TTL, soon",
        "REDIS_TTL, PT1S",
        "REDIS_PREFIX, a*b",
        "PINECONE_INDEX, Big_Index",
        "PINECONE_HOST, here"
    })
    void shouldRefuseWhatCannotBe(String variable, String value) {
        assertThat(settings(Map.of("REDIS_URL", "redis://host", "PINECONE_API_KEY", "secret", variable, value))
                        .wanted())
                .satisfiesOnlyOnce(wanted -> assertThat(wanted.fault()).contains(variable));
    }

    @ParameterizedTest
    @CsvSource({
        "redis://cache.example, redis at cache.example:6379",
        "redis://user:secret@cache.example/2, redis at cache.example:6379",
        "rediss://cache.example:6380, redis at cache.example:6380",
    })
    void shouldTakeTheUsualPortUnlessOneIsNamed(String url, String shown) {
        assertThat(settings(Map.of("REDIS_URL", url)).wanted())
                .extracting(wanted -> Objects.requireNonNull(wanted.target()).apply(384))
                .singleElement()
                .hasToString(shown);
    }

    @Test
    void shouldRefuseToSearchWhereNothingIs() {
        assertThatThrownBy(
                        () -> settings(Map.of("PENSTOCK_SEARCH", "elsewhere")).search())
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
        assertThatThrownBy(() -> settings(Map.of("PENSTOCK_SEARCH", "merged")).search())
                .hasMessageContaining("PINECONE_API_KEY");
        assertThat(settings(Map.of("PENSTOCK_SEARCH", "Merged", "PINECONE_API_KEY", "secret"))
                        .search())
                .isEqualTo(SearchSource.MERGED);
    }
}
