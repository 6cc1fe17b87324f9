package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathRestTest {
    @ParameterizedTest
    @CsvSource({
        "a/b,a/b",
        "a//b,a//b",
        "/a,/a",
        "end/,end/",
        "p;v=2,p;v=2",
        "p+q,p+q",
        "x/../y,x/../y",
        "all/sub%252Fpilot.txt,all/sub%2Fpilot.txt",
        "f%C3%A4hre%20%25.txt,fähre %.txt"
    })
    void shouldBeWhatWasSent(String sent, String meant) {
        assertThat(PathRest.of("/api/topics/t/segments/s/records/" + sent, 6)).isEqualTo(meant);
    }

    @Test
    void shouldNotLookForWordsInNames() {
        assertThat(PathRest.of("/api/topics/records/segments/records/records/records", 6))
                .isEqualTo("records");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api//topics/t/segments/s/records/a",
                "/api/topics/t/segments/s;v=1/records/a",
                "//api/topics/t/segments/s/records/a",
                "/api/topics/t/segments/s/records"
            })
    void shouldRefuseAPathThatWasRoutedAsAnother(String path) {
        assertThatThrownBy(() -> PathRest.of(path, 6))
                .isInstanceOf(PenstockException.class)
                .extracting(refused -> ((PenstockException) refused).code())
                .isEqualTo(ErrorCode.REQUEST_MALFORMED);
    }
}
