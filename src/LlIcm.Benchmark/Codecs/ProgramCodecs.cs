namespace LlIcm.Benchmark;

/// <summary>Codecs that come as programs, with the arguments that serve still pictures; single-threaded.</summary>
public static class ProgramCodecs
{
    private static readonly double[] s_steps = [37, 32, 27, 22];

    /// <summary>The words for <see cref="Of"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["avifenc", "cjxl", "heif-enc", "x265", "vvenc", "vtm", "ecm"];

    /// <summary>How a known codec is called.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="encoder">The encoder's path; null for its usual name.</param>
    /// <param name="decoder">The decoder's path; null for its usual name.</param>
    /// <param name="config">The encoder's file of settings (VTM and ECM).</param>
    /// <param name="subsampled">Colour at half resolution; null for what is usual.</param>
    /// <param name="bits">Bits a sample; null for what is usual: 8 (avifenc), 10 (video).</param>
    /// <exception cref="ArgumentException">There is no such codec, or it can't do that.</exception>
    public static ProgramOptions Of(string name, string? encoder = null, string? decoder = null, string? config = null, bool? subsampled = null, int? bits = null)
    {
        bool half = subsampled ?? name is "vvenc" or "ecm";
        string chroma = half ? "420" : "444";
        if (name is "vvenc" && !half) throw new ArgumentException("vvenc has 4:2:0 only");
        if (name is "vtm" or "ecm" && config is null) throw new ArgumentException($"{name} needs config: its file for intra coding, such as encoder_intra_{name}.cfg");
        if (name is "cjxl" && subsampled == true) throw new ArgumentException("cjxl codes 4:4:4 only");
        ProgramOptions options = name switch
        {
            "avifenc" => new()
            {
                Name = bits > 8 ? $"AVIF {bits} bit (avifenc)" : "AVIF (avifenc)", Encoder = "avifenc", Decoder = "avifdec", Extension = ".avif", Settings = [62, 52, 42, 32, 22, 12],
                Encode =
                [
                    "-j", "1", "-s", "4", "-y", chroma, "-d", bits is > 8 ? $"{bits}" : "8", "--min", "0", "--max", "63", "-a", "end-usage=q", "-a", "cq-level={setting}", "-a", "tune=psnr",
                    "--ignore-exif", "--ignore-xmp", "--ignore-icc", "{input}", "{output}",
                ],
                Decode = ["-j", "1", "-d", "8", "{output}", "{decoded}"],
            },
            "cjxl" => new()
            {
                Name = "JPEG XL", Encoder = "cjxl", Decoder = "djxl", Extension = ".jxl", Settings = [25, 15, 8, 4, 2, 1], Chroma = "XYB",
                Encode = ["{input}", "{output}", "-d", "{setting}", "-e", "7", "--num_threads=0"],
                Decode = ["{output}", "{decoded}", "--num_threads=0"],
            },
            "heif-enc" => new()
            {
                Name = "HEIC (heif-enc)", Encoder = "heif-enc", Decoder = "heif-convert", Extension = ".heic", Settings = [5, 15, 25, 35, 50, 65],
                Encode = ["-q", "{setting}", "-p", $"chroma={chroma}", "-p", "preset=slow", "-p", "tune=psnr", "--matrix_coefficients", "1", "-o", "{output}", "{input}"],
                Decode = ["{output}", "{decoded}"],
            },
            "x265" => new()
            {
                Name = "HEVC (x265)", Encoder = "x265", Decoder = "ffmpeg", Extension = ".hevc", Settings = [45, 37, 32, 27, 22],
                Encode =
                [
                    "--input", "{input}", "--input-res", "{width}x{height}", "--fps", "1", "--frames", "1", "--input-csp", $"i{chroma}", "--input-depth", "10", "--output-depth", "10",
                    "--profile", half ? "main10-intra" : "main444-10-intra", "--qp", "{setting}", "--ipratio", "1.0", "--preset", "placebo", "--tune", "psnr", "--keyint", "1", "--no-info",
                    "--pools", "1", "--frame-threads", "1", "-o", "{output}",
                ],
                Decode = ["-v", "error", "-threads", "1", "-i", "{output}", "-f", "rawvideo", "-pix_fmt", $"yuv{chroma}p10le", "{decoded}"],
            },
            "vvenc" => new()
            {
                Name = "VVC (vvenc)", Encoder = "vvencFFapp", Decoder = "vvdecapp", Extension = ".266", Settings = s_steps,
                Encode =
                [
                    "-i", "{input}", "-s", "{width}x{height}", "--InputBitDepth", "10", "-fr", "1", "-f", "1", "--IntraPeriod", "1", "--preset", "slow", "-q", "{setting}",
                    "--PerceptQPA", "0", "--IntraQPOffset", "0", "--Threads", "1", "-b", "{output}", "-o", "{reconstruction}",
                ],
                Decode = ["-b", "{output}", "-o", "{decoded}", "-t", "1"],
            },
            "vtm" or "ecm" => new()
            {
                Name = name == "vtm" ? "VVC (VTM)" : "ECM", Encoder = "EncoderApp", Decoder = "DecoderApp", Settings = s_steps, VersionArgument = null,
                Encode =
                [
                    "-c", "{config}", "-i", "{input}", "-b", "{output}", "-o", "{reconstruction}", "-f", "1", "-fr", "1", "-q", "{setting}", "-wdt", "{width}", "-hgt", "{height}",
                    "--InputBitDepth=10", "--OutputBitDepth=10", "--InternalBitDepth=10", $"--InputChromaFormat={chroma}", $"--ChromaFormatIDC={chroma}",
                    "--ConformanceWindowMode=1", "--TemporalSubsampleRatio=1", "--Level=6.2",
                ],
                Decode = ["-b", "{output}", "-o", "{decoded}", "-d", "10"],
            },
            _ => throw new ArgumentException($"there is no codec '{name}': {string.Join(", ", Names)}"),
        };
        bool video = name is "x265" or "vvenc" or "vtm" or "ecm";
        if (video && bits is not (null or 10)) throw new ArgumentException($"{name} is called with 10 bits a sample, not {bits}");
        return options with
        {
            Encoder = encoder ?? options.Encoder, Decoder = decoder ?? options.Decoder, Config = config, Video = video ? new RawVideo(10, half) : null,
            Chroma = name == "cjxl" ? options.Chroma : half ? "4:2:0" : "4:4:4",
        };
    }
}
