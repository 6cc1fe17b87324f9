package io.penstock.http.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.embedding.EmbeddedTexts;
import io.penstock.embedding.EmbeddingModel;
import io.penstock.error.ErrorCode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingsRequestTest {
    private static final EmbeddingModel MODEL = new EmbeddingModel("mini", 2);

    @Test
    void shouldTakeOneTextOrSeveral() {
        EmbeddingsRequest one =
                read("{'model':'mini','input':'a','user':'u','encoding_format':'base64','dimensions':2}");
        assertThat(one.texts()).containsExactly("a");
        assertThat(one.base64()).isTrue();
        assertThatCode(() -> one.require(MODEL)).doesNotThrowAnyException();

        EmbeddingsRequest several = read("{'model':'mini','input':['a','b'],'encoding_format':null}");
        assertThat(several.texts()).containsExactly("a", "b");
        assertThat(several.base64()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'input':'a'} | model | BODY_MALFORMED",
                "{'model':'mini'} | input | BODY_MALFORMED",
                "{'model':'mini','input':[]} | input | BODY_MALFORMED",
                "{'model':'mini','input':['a',null]} | input | BODY_MALFORMED",
                "{'model':'mini','input':'a','encoding_format':'int8'} | encoding_format | PARAMETER_INVALID",
                "{'model':'mini','input':'a','dimensions':'2'} | dimensions | BODY_MALFORMED",
                "{'model':'mini','input':'a','dimensions':1} | dimensions | PARAMETER_INVALID",
                "{'model':'text-embedding-3-small','input':'a'} | model | MODEL_UNKNOWN",
                "{'model':'penstock','input':'a'} | model | MODEL_UNKNOWN"
            })
    void shouldNameTheParameterThatCannotBe(String body, String param, ErrorCode code) {
        assertThatThrownBy(() -> read(body).require(MODEL)).isInstanceOfSatisfying(InvalidParameter.class, e -> {
            assertThat(e.param()).isEqualTo(param);
            assertThat(e.code()).isEqualTo(code);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,2,3]", "[[1,2],[3]]", "['a',[1]]"})
    void shouldSayWhyTokenIdsAreRefused(String input) {
        assertThatThrownBy(() -> read("{'model':'mini','input':" + input + "}"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("token ids")
                .hasMessageContaining("Send strings");
    }

    @Test
    void shouldRefuseMoreTextsThanOneCallTakes() {
        assertThatThrownBy(() -> read("{'model':'mini','input':['a'" + ",'a'".repeat(2_048) + "]}"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("2048 texts, not 2049");
    }

    @Test
    void shouldWriteVectorsAsNumbersOrAsBase64() throws IOException {
        EmbeddedTexts embedded =
                new EmbeddedTexts(MODEL, List.of(new float[] {0.6f, -0.8f}, new float[] {1, 1e-9f}), 9);
        String rest = "'model':'mini','usage':{'prompt_tokens':9,'total_tokens':9}}";

        assertThat(written(embedded, false))
                .isEqualTo(Json.of("{'object':'list','data':[{'object':'embedding','index':0,'embedding':[0.6,-0.8]},"
                        + "{'object':'embedding','index':1,'embedding':[1.0,1.0E-9]}]," + rest));
        assertThat(written(embedded, true))
                .isEqualTo(
                        Json.of("{'object':'list','data':[{'object':'embedding','index':0,'embedding':'mpkZP83MTL8='},"
                                + "{'object':'embedding','index':1,'embedding':'AACAP19wiTA='}]," + rest));
    }

    private static JsonNode written(EmbeddedTexts embedded, boolean base64) throws IOException {
        return new JsonMapper().readTree(EmbeddingsResource.json(embedded, base64));
    }

    private static EmbeddingsRequest read(String body) {
        return EmbeddingsRequest.read(Json.of(body));
    }
}
