namespace LlIcm.Benchmark.Configuration;

/// <summary>A codec and its settings.</summary>
public sealed record CodecConfig
{
    /// <summary>Our own codec, with a model.</summary>
    internal const string Ours = "llic";

    /// <summary>CompressAI's networks, with a checkpoint for each rate.</summary>
    internal const string CompressAi = "compressai";

    /// <summary>Any pair of programs.</summary>
    internal const string Any = "program";

    /// <summary>A short name, of which lines of the report are made.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is: llic; jpeg, webp, avif (by libvips); compressai; avifenc, cjxl, heif-enc, x265, vvenc, vtm, ecm, or any program; null: what <see cref="Name"/> says.</summary>
    public string? Kind { get; init; }

    /// <summary>The model of <c>llic</c>: a preset or a folder.</summary>
    public string Model { get; init; } = LlIcmModel.Compact;

    /// <summary>Checkpoints of <c>compressai</c> from low to high rate. A leading <c>$VARIABLE</c> is taken from the environment.</summary>
    public IList<string> Weights { get; init; } = [];

    /// <summary>Settings from low to high rate; empty: the codec's usual ones.</summary>
    public IList<double> Settings { get; init; } = [];

    /// <summary>Resolution of colour: 420 or 444; null: what is usual.</summary>
    public int? Chroma { get; init; }

    /// <summary>Bits a sample; null: what is usual.</summary>
    public int? Bits { get; init; }

    /// <summary>Effort of <c>webp</c> and <c>avif</c>, 0 to 9.</summary>
    public int? Effort { get; init; }

    /// <summary>The encoder's path, where it is not on the search path. A leading <c>$VARIABLE</c> is taken from the environment.</summary>
    public string? Encoder { get; init; }

    /// <summary>The decoder's path, likewise.</summary>
    public string? Decoder { get; init; }

    /// <summary>The encoder's file of settings, likewise.</summary>
    public string? Config { get; init; }

    /// <summary>Arguments of <c>program</c>'s encoder; {input} is a PNG.</summary>
    public IList<string> Encode { get; init; } = [];

    /// <summary>Arguments of <c>program</c>'s decoder; {decoded} is to be a PNG.</summary>
    public IList<string> Decode { get; init; } = [];

    /// <summary>Extension of the file that <c>program</c> writes.</summary>
    public string Extension { get; init; } = ".bin";

    internal string KindOrName => (Kind ?? Name).ToLowerInvariant();

    internal string? Problem
    {
        get
        {
            string[] known = [Ours, CompressAi, .. LibvipsUnderTest.Names, .. ProgramCodecs.Names, Any];
            if (!known.Contains(KindOrName)) return $"there is no codec '{KindOrName}': {string.Join(", ", known)}";
            if (Chroma is not (null or 420 or 444)) return "chroma must be 420 or 444";
            if (Settings.Any(each => !double.IsFinite(each))) return "settings must be numbers";
            if (KindOrName == Ours && Settings.Any(each => each is < 1 or > 8)) return "settings of llic are 1 to 8";
            if (LibvipsUnderTest.Names.Contains(KindOrName) && Settings.Any(each => each is < 1 or > 100 || each != Math.Floor(each))) return "settings are whole numbers from 1 to 100";
            if (KindOrName == CompressAi && (Weights.Count == 0 || Settings.Count > 0)) return "compressai needs weights, and no settings: they are the weights' places";
            if (KindOrName == Any && (Encoder is null || Decoder is null || Encode.Count == 0 || Decode.Count == 0 || Settings.Count == 0))
                return "program needs encoder, decoder, encode, decode and settings";
            return null;
        }
    }
}
