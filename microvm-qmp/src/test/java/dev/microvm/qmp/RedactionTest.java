/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"password\":\"geheim\"} | {\"password\":\"***\"}",
                "{\"driver\":\"https\",\"cookie\":\"a=geheim\"} | {\"driver\":\"https\",\"cookie\":\"***\"}",
                "{\"a\":[{\"key-secret\":\"k\"}]} | {\"a\":[{\"key-secret\":\"***\"}]}",
                "{\"qom-type\":\"secret\",\"data\":\"geheim\"} | {\"qom-type\":\"secret\",\"data\":\"***\"}",
                "{\"keys\":[{\"type\":\"qcode\",\"data\":\"a\"}]} | {\"keys\":[{\"type\":\"qcode\",\"data\":\"***\"}]}",
                "{\"command-line\":\"set_password vnc geheim\"} | {\"command-line\":\"***\"}",
                "{\"property\":\"password\",\"value\":\"geheim\"} | {\"property\":\"password\",\"value\":\"***\"}",
                "{\"property\":\"size\",\"value\":\"9\"} | {\"property\":\"size\",\"value\":\"9\"}",
                "{\"event\":\"RESET\",\"data\":{\"guest\":true}} | {\"event\":\"RESET\",\"data\":{\"guest\":true}}",
                "{\"monkey\":\"banana\"} | {\"monkey\":\"banana\"}"
            })
    void hidesTextsUnderTheNamesOfSecrets(String json, String expected) {
        assertThat(Redaction.redact(JsonValue.parse(json))).hasToString(expected);
    }
}
