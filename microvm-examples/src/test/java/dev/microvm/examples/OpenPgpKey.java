/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * A fresh OpenPGP key that signs as Debian's archive keys do, so that the real apt can be shown packages of a mirror of our own without a
 * GnuPG and its daemons: RSA, SHA-256, version 4 packets of RFC 4880.
 */
final class OpenPgpKey {
    private static final int PUBLIC_KEY = 6;
    private static final int USER_ID = 13;
    private static final int SIGNATURE = 2;
    private static final int CERTIFICATION = 0x13;
    private static final int TEXT = 0x01;
    private static final byte[] NAME = "Archive of a test <test@example.org>".getBytes(UTF_8);

    private final KeyPair pair;
    private final int created;
    private final byte[] body;

    OpenPgpKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
        created = (int) Instant.now().minus(Duration.ofHours(1)).getEpochSecond();
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        body = join(
                new byte[] {4}, number(created), new byte[] {1}, mpi(key.getModulus()), mpi(key.getPublicExponent()));
    }

    /** {@return a keyring with this key alone} */
    byte[] keyring() throws GeneralSecurityException {
        byte[] certified = join(hashedKey(), new byte[] {(byte) 0xB4}, number(NAME.length), NAME);
        // may certify and sign
        byte[] flags = {2, 27, 3};
        return join(
                packet(PUBLIC_KEY, body),
                packet(USER_ID, NAME),
                packet(SIGNATURE, sign(CERTIFICATION, certified, flags)));
    }

    /** {@return the text with its signature inline, as an InRelease file is} */
    String clearSigned(String text) throws GeneralSecurityException {
        // the line end before the signature does not belong to the text
        byte[] signed = text.strip().replace("\n", "\r\n").getBytes(UTF_8);
        byte[] signature = packet(SIGNATURE, sign(TEXT, signed, new byte[0]));
        return "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text.strip()
                + "\n-----BEGIN PGP SIGNATURE-----\n\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(signature)
                + "\n=" + Base64.getEncoder().encodeToString(crc24(signature))
                + "\n-----END PGP SIGNATURE-----\n";
    }

    private byte[] sign(int type, byte[] data, byte[] moreSubpackets) throws GeneralSecurityException {
        byte[] fingerprint = MessageDigest.getInstance("SHA-1").digest(hashedKey());
        byte[] hashedPart =
                join(new byte[] {5, 2}, number(created), new byte[] {22, 33, 4}, fingerprint, moreSubpackets);
        byte[] unhashedPart = join(new byte[] {9, 16}, Arrays.copyOfRange(fingerprint, 12, 20));
        // version 4, RSA, SHA-256
        byte[] head = join(new byte[] {4, (byte) type, 1, 8}, shortNumber(hashedPart.length), hashedPart);
        byte[] all = join(data, head, new byte[] {4, (byte) 0xFF}, number(head.length));

        Signature rsa = Signature.getInstance("SHA256withRSA");
        rsa.initSign(pair.getPrivate());
        rsa.update(all);
        byte[] firstTwo = Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(all), 2);
        return join(head, shortNumber(unhashedPart.length), unhashedPart, firstTwo, mpi(new BigInteger(1, rsa.sign())));
    }

    private byte[] hashedKey() {
        return join(new byte[] {(byte) 0x99}, shortNumber(body.length), body);
    }

    private static byte[] packet(int tag, byte[] content) {
        return join(new byte[] {(byte) (0xC0 | tag), (byte) 0xFF}, number(content.length), content);
    }

    private static byte[] mpi(BigInteger value) {
        byte[] bytes = value.toByteArray();
        int sign = bytes[0] == 0 ? 1 : 0;
        return join(shortNumber(value.bitLength()), Arrays.copyOfRange(bytes, sign, bytes.length));
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] shortNumber(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    private static byte[] crc24(byte[] bytes) {
        int crc = 0xB704CE;
        for (byte value : bytes) {
            crc ^= (value & 0xFF) << 16;
            for (int bit = 0; bit < 8; bit++) {
                crc <<= 1;
                if ((crc & 0x1000000) != 0) {
                    crc ^= 0x1864CFB;
                }
            }
        }
        return Arrays.copyOfRange(number(crc), 1, 4);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
