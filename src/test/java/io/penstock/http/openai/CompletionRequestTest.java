package io.penstock.http.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatExchange;
import io.penstock.schema.ChatRequest;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionRequestTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final String ASKED = "{'model':'penstock','messages':[{'role':'user','content':'Why?'}]";

    @Test
    void shouldAskInTheTopicOfTheModelAndRememberNothing() {
        ChatRequest question = question("""
                {'model':'penstock/harbour/notices','messages':[
                  {'role':'user','content':'Which quay is closed?'},
                  {'role':'assistant','content':'The north quay.'},
                  {'role':'user','content':'Why?'}]}""");

        assertThat(question.getMessage()).isEqualTo("Why?");
        assertThat(question.getHistory()).containsExactly(new ChatExchange("Which quay is closed?", "The north quay."));
        assertThat(question.getTopic()).isEqualTo("harbour");
        assertThat(question.getSegment()).isEqualTo("notices");
        assertThat(question.getRemember()).isFalse();
        assertThat(question.getStream()).isFalse();
        assertThat(question.getK()).isNull();
        assertThat(question.getPrompt()).isNull();
        assertThat(question.getRequestedAt()).isEqualTo(NOW);
        assertThat(question.getSessionId()).isNotBlank().isNotEqualTo(question.getRequestId());
    }

    @Test
    void shouldTakeWhatPenstockAddsFromFieldsOfItsOwn() {
        ChatRequest question = question(
                ASKED
                        + ",'topic':'harbour','segment':'notices','k':8,'session_id':'s-1','reasoning':'step-by-step','stream':true}");

        assertThat(question.getTopic()).isEqualTo("harbour");
        assertThat(question.getSegment()).isEqualTo("notices");
        assertThat(question.getK()).isEqualTo(8);
        assertThat(question.getSessionId()).isEqualTo("s-1");
        assertThat(question.getRemember()).isTrue();
        assertThat(question.getPrompt()).isEqualTo("step-by-step");
        assertThat(question.getStream()).isTrue();
    }

    @Test
    void shouldPassOverWhatOnlyChangesTheWording() {
        CompletionRequest request = CompletionRequest.read(Json.of(ASKED + """
                ,'temperature':2,'top_p':0.1,'max_tokens':5,'max_completion_tokens':5,'stop':['a'],'seed':1,'user':'u',
                'presence_penalty':1,'frequency_penalty':1,'logit_bias':{},'tool_choice':'none','tools':[],'functions':null,
                'n':1,'response_format':{'type':'text'},'modalities':['text'],'logprobs':false,'stream':null,
                'stream_options':null,'anything':{'else':1}}"""));

        assertThat(request.question(NOW).getMessage()).isEqualTo("Why?");
        assertThat(request.stream()).isFalse();
        assertThat(request.usage()).isFalse();
    }

    @Test
    void shouldKnowWhetherAStreamEndsWithTheUsage() {
        assertThat(CompletionRequest.read(Json.of(ASKED + ",'stream':true,'stream_options':{'include_usage':true}}"))
                        .usage())
                .isTrue();
        assertThat(CompletionRequest.read(Json.of(ASKED + ",'stream':true,'stream_options':{'include_usage':false}}"))
                        .usage())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'n':2 | n | PARAMETER_INVALID",
                "'n':'1' | n | PARAMETER_INVALID",
                "'tools':[{'type':'function'}] | tools | PARAMETER_INVALID",
                "'functions':[{'name':'f'}] | functions | PARAMETER_INVALID",
                "'response_format':{'type':'json_object'} | response_format | PARAMETER_INVALID",
                "'response_format':'text' | response_format | PARAMETER_INVALID",
                "'modalities':['text','audio'] | modalities | PARAMETER_INVALID",
                "'logprobs':true | logprobs | PARAMETER_INVALID",
                "'stream':'yes' | stream | BODY_MALFORMED",
                "'stream_options':{'include_usage':1} | stream_options.include_usage | BODY_MALFORMED",
                "'k':0 | k | PARAMETER_INVALID",
                "'k':'8' | k | BODY_MALFORMED",
                "'reasoning':'hard' | reasoning | BODY_MALFORMED",
                "'topic':1 | topic | BODY_MALFORMED",
                "'session_id':7 | session_id | BODY_MALFORMED",
                "'model':1 | model | BODY_MALFORMED",
                "'model':'gpt-4o' | model | MODEL_UNKNOWN",
                "'model':'penstock/harbour','topic':'economy' | topic | PARAMETER_INVALID",
                "'model':'penstock/harbour/notices','segment':'other' | segment | PARAMETER_INVALID",
                "'messages':[{'role':'user','content':' '}] | messages | PARAMETER_INVALID"
            })
    void shouldNameTheParameterThatCannotBe(String fields, String param, ErrorCode code) {
        ObjectNode body = (ObjectNode) Json.of(ASKED + "}");
        body.setAll((ObjectNode) Json.of("{" + fields + "}"));

        assertThatThrownBy(() -> CompletionRequest.read(body).question(NOW))
                .isInstanceOfSatisfying(InvalidParameter.class, e -> {
                    assertThat(e.param()).isEqualTo(param);
                    assertThat(e.code()).isEqualTo(code);
                });
    }

    @Test
    void shouldAcceptATopicThatModelAndFieldAgreeOn() {
        ObjectNode body = (ObjectNode) Json.of(ASKED + "}");
        body.put("model", "penstock/harbour").put("topic", "harbour").put("segment", "notices");

        assertThat(CompletionRequest.read(body).segment()).isEqualTo("notices");
    }

    @Test
    void shouldTakeTheModelForMissingWhenItIs() {
        assertThatThrownBy(() -> CompletionRequest.read(Json.of("{'messages':[]}")))
                .isInstanceOfSatisfying(
                        InvalidParameter.class, e -> assertThat(e.param()).isEqualTo("model"));
    }

    private static ChatRequest question(String body) {
        return CompletionRequest.read(Json.of(body)).question(NOW);
    }
}
