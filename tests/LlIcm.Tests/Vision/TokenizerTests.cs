using System.IO.Compression;
using System.Text;
using System.Text.Json;
using LlIcm.TestSupport;

namespace LlIcm.Vision;

[Trait("Category", "parity")]
public sealed class TokenizerParityTests
{
    private const string Vocabulary = "bpe_simple_vocab_16e6.txt.gz";
    private static readonly Lazy<ClipTokenizer> Tokenizer =
        new(() => ClipTokenizer.Load(Fixtures.Path("restore", Vocabulary)!));

    [FixtureFact("restore", "tokenizer.json")]
    public void EveryStringGivesTheReferenceTokens()
    {
        using JsonDocument file = Reference();
        int context = file.RootElement.GetProperty("context_length").GetInt32();
        long padding = file.RootElement.GetProperty("pad_id").GetInt64();
        int cases = 0;
        foreach (JsonElement item in file.RootElement.GetProperty("strings").EnumerateArray())
        {
            string text = item.GetProperty("text").GetString()!;
            Assert.Equal(item.GetProperty("cleaned").GetString(), ClipTokenizer.Clean(text));
            int[] expected = [.. item.GetProperty("bpe_ids").EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(expected, Tokenizer.Value.Encode(text));
            Assert.Equal(item.GetProperty("decoded").GetString(), Tokenizer.Value.Decode(expected));

            long[] row = [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64())];
            Assert.Equal(
                [.. row, .. Enumerable.Repeat(padding, context - row.Length)], Tokenizer.Value.Tokenize(text, context));
            cases++;
        }
        Assert.True(cases > 0);
    }

    [FixtureFact("restore", "tokenizer.json")]
    public void TheVocabularyHasTheReferenceSizeAndMarkers()
    {
        using JsonDocument file = Reference();
        Assert.Equal(file.RootElement.GetProperty("vocab_size").GetInt32(), Tokenizer.Value.VocabularySize);
        Assert.Equal(file.RootElement.GetProperty("start_id").GetInt32(), Tokenizer.Value.StartId);
        Assert.Equal(file.RootElement.GetProperty("end_id").GetInt32(), Tokenizer.Value.EndId);
    }

    [FixtureFact("restore", Vocabulary)]
    public void TheContextCutsAndPads()
    {
        ClipTokenizer tokenizer = Tokenizer.Value;
        int[] ids = tokenizer.Encode("a photo of a cat");
        Assert.Equal([tokenizer.StartId, ids[0], ids[1], tokenizer.EndId], tokenizer.Tokenize("a photo of a cat", 4));
        Assert.Equal([tokenizer.StartId, tokenizer.EndId], tokenizer.Tokenize("a photo of a cat", 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Tokenize("a", 1));
        Assert.Equal(
            [.. tokenizer.Tokenize("a", 5), .. tokenizer.Tokenize("", 5)], tokenizer.Tokenize((string[])["a", ""], 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.VocabularySize]));
    }

    [FixtureFact("restore", Vocabulary)]
    public void AnyTextComesBackFromItsTokens()
    {
        // Words keep their characters; only the spaces between them are the tokenizer's own.
        string[] texts = ["𝒳𝓎 𐐨 ☃𝟘", "\uD800 lone", "ok\u2009thin", "日本語 텍스트", "\U0001F468\u200D\U0001F469"];
        foreach (string text in texts)
        {
            string clean = ClipTokenizer.Clean(text).Replace('\uD800', '\uFFFD');
            string decoded = Tokenizer.Value.Decode(Tokenizer.Value.Encode(text));
            Assert.Equal(clean.Replace(" ", ""), decoded.Replace(" ", ""));
        }
    }

    [FixtureFact("restore", Vocabulary)]
    public void ThePlainVocabularyIsReadAsTheCompressedOne()
    {
        using FileStream file = File.OpenRead(Fixtures.Path("restore", Vocabulary)!);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        Assert.Equal(Tokenizer.Value.Encode("hazy weather"), ClipTokenizer.Load(gzip).Encode("hazy weather"));
    }

    private static JsonDocument Reference() =>
        JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("restore", "tokenizer.json")!));
}

public sealed class TokenizerCleaningTests
{
    [Theory]
    [InlineData("e\u0301 o\u0302\u0301 u\u0323\u0302 A\u030A", "é ố ụ̂ å")]
    [InlineData("u\u0302\u0323", "ụ̂")]
    [InlineData("\u212B \u2126 \u212A", "å ω k")]
    [InlineData("\u1112\u1161\u11AB", "한")]
    [InlineData("か\u3099 ｶﾞ ﾊﾟ", "が ガ パ")]
    [InlineData("ΟΔΟΣ ΣΑΣ Σ", "οδος σας σ")]
    [InlineData("İ", "i\u0307")]
    [InlineData("&eacute; &hellip; &#233; &#xE9; &#x80;", "é … é é €")]
    [InlineData("&copy2020 &ampx; &notanentity; &;", "©2020 &x; ¬anentity; &;")]
    [InlineData("&#0; &#1114112; &#xD800;", "\uFFFD \uFFFD \uFFFD")]
    [InlineData("&amp;amp;amp;amp; &lt;b&gt;", "& <b>")]
    [InlineData("na\u00C3\u00AFve caf\u00C3\u00A9", "naïve café")]
    [InlineData("it\u00E2\u20AC\u2122s", "it's")]
    [InlineData("na\u00C3\u0192\u00C2\u00AFve", "naïve")]
    [InlineData("Ã is a letter", "ã is a letter")]
    [InlineData("ｆｕｌｌ　ｗｉｄｔｈ！", "full width!")]
    [InlineData("a\u001B[31mred\u001B[0m b\uFEFF", "ared b")]
    [InlineData("\u0093quoted\u0094", "\"quoted\"")]
    [InlineData(" \t\r\n\u00A0\u2003 ", "")]
    public void TextIsRepairedAndNormalised(string text, string expected) =>
        Assert.Equal(expected, ClipTokenizer.Clean(text));

    [Fact]
    public void LongDamagedTextsEndSoon()
    {
        foreach (string unit in (string[])["&amp;", "&", "\u0301", "\u0302\u0323", "Ã", "<", "&#", "a\u0323\u0302"])
            ClipTokenizer.Clean(string.Concat(Enumerable.Repeat(unit, 20_000)));
    }

    [Fact]
    public void OtherFilesAreNoVocabulary()
    {
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a b\n", 60_000)));
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new byte[64 << 20]);
        foreach (byte[] content in (byte[][])[[], [1, 2, 3], lines, bomb.ToArray(), [0x1F, 0x8B, 8, 0]])
            Assert.Throws<InvalidDataException>(() => ClipTokenizer.Load(new MemoryStream(content)));
    }
}
