package io.penstock.http.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialogueTest {
    @Test
    void shouldTakeTheLastMessageForTheQuestionAndPairsBeforeItForWhatWasSaid() {
        Dialogue dialogue = Dialogue.read(Json.of("""
                [{'role':'system','content':'Be brief.'},
                 {'role':'user','content':'Which quay is closed?'},
                 {'role':'assistant','content':'The north quay.'},
                 {'role':'user','content':'Until when?'},
                 {'role':'assistant','content':'Until May.'},
                 {'role':'user','content':'Why?'}]"""));

        assertThat(dialogue.question()).isEqualTo("Why?");
        assertThat(dialogue.history())
                .containsExactly(
                        new ChatExchange("Which quay is closed?", "The north quay."),
                        new ChatExchange("Until when?", "Until May."));
    }

    @Test
    void shouldPassOverWhatIsNoPair() {
        Dialogue dialogue = Dialogue.read(Json.of("""
                [{'role':'assistant','content':'How can I help?'},
                 {'role':'user','content':'Lost on the way'},
                 {'role':'user','content':'Which quay is closed?'},
                 {'role':'assistant','content':'The north quay.'},
                 {'role':'assistant','content':'It is under repair.'},
                 {'role':'user','content':'Never answered'},
                 {'role':'assistant','content':null},
                 {'role':'user','content':'Until when?'},
                 {'role':'developer','content':[{'type':'image_url'}]}]"""));

        assertThat(dialogue.question()).isEqualTo("Until when?");
        assertThat(dialogue.history())
                .containsExactly(new ChatExchange("Which quay is closed?", "The north quay.\nIt is under repair."));
    }

    @Test
    void shouldPutPartsOfTextOnLinesOfTheirOwn() {
        Dialogue dialogue = Dialogue.read(Json.of("""
                [{'role':'user','content':[{'type':'text','text':'Which quay'},{'type':'text','text':'is closed?'}]},
                 {'role':'assistant','content':[{'type':'refusal','refusal':'That I do not tell.'}]},
                 {'role':'user','content':'Until when?'}]"""));

        assertThat(dialogue.history())
                .containsExactly(new ChatExchange("Which quay\nis closed?", "That I do not tell."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{} | messages | BODY_MALFORMED",
                "[] | messages | BODY_MALFORMED",
                "[{'role':'system','content':'a'}] | messages | PARAMETER_INVALID",
                "[{'role':'user','content':'a'},{'role':'assistant','content':'b'}] | messages | PARAMETER_INVALID",
                "[{'role':'tool','content':'a'}] | messages[0].role | PARAMETER_INVALID",
                "['a'] | messages[0].role | PARAMETER_INVALID",
                "[{'role':'user'}] | messages[0].content | BODY_MALFORMED",
                "[{'role':'user','content':[]}] | messages[0].content | BODY_MALFORMED",
                "[{'role':'user','content':['a']}] | messages[0].content[0].type | PARAMETER_INVALID",
                "[{'role':'user','content':[{'type':'text'}]}] | messages[0].content[0] | BODY_MALFORMED",
                "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'image_url'}]}]"
                        + " | messages[0].content[1].type | PARAMETER_INVALID"
            })
    void shouldRefuseWhatHasNoQuestionOrIsNoText(String messages, String param, ErrorCode code) {
        assertThatThrownBy(() -> Dialogue.read(Json.of(messages))).isInstanceOfSatisfying(InvalidParameter.class, e -> {
            assertThat(e.param()).isEqualTo(param);
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).isNotBlank();
        });
    }
}
