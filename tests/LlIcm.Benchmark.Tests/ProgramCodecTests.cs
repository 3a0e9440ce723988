using LlIcm.Imaging;

namespace LlIcm.Benchmark.Tests;

/// <summary>Programs are called with their real arguments; stand-ins that the tests write take the place of those that are not installed.</summary>
public sealed class ProgramCodecTests : IDisposable
{
    private static readonly Picture s_picture = SweepFolder.Pattern(33, 21, 7);

    private readonly string _folder = Directory.CreateTempSubdirectory("llicm stand in ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("vtm", false, "-q 32 -wdt 33 -hgt 21", "--InputChromaFormat=444 --ChromaFormatIDC=444 --ConformanceWindowMode=1")]
    [InlineData("ecm", true, "-q 32 -wdt 34 -hgt 22", "--InputChromaFormat=420 --ChromaFormatIDC=420")]
    [InlineData("vvenc", true, "-s 34x22 --InputBitDepth 10", "--IntraQPOffset 0 --Threads 1")]
    [InlineData("x265", false, "--input-res 33x21", "--profile main444-10-intra --qp 32")]
    public void Video_codecs_get_raw_frames_and_their_real_arguments(string name, bool subsampled, params string[] arguments)
    {
        using var codec = new Standing(this, name, subsampled: subsampled);
        CodedPicture coded = codec.Codec.Code(s_picture, null, 32);
        // The stand-in's file is the frame itself.
        var video = new RawVideo(10, subsampled);
        Assert.Equal(video.FromPicture(s_picture).Length, coded.Bytes);
        Assert.Equal(video.ToPicture(video.FromPicture(s_picture), 33, 21).Rgb, coded.Decoded.Rgb);
        string said = File.ReadAllText(Path.Combine(_folder, "encoder.txt"));
        Assert.All(arguments, part => Assert.Contains(part, said, StringComparison.Ordinal));
        Assert.Contains(subsampled ? "4:2:0" : "4:4:4", codec.Codec.Name, StringComparison.Ordinal);
        Assert.Contains("32", codec.Codec.Command(32), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("avifenc", "-y 444 -d 8", "cq-level=32")]
    [InlineData("cjxl", "-d 32 -e 7 --num_threads=0")]
    [InlineData("heif-enc", "-q 32 -p chroma=444")]
    public void Still_picture_codecs_get_PNG(string name, params string[] arguments)
    {
        using var codec = new Standing(this, name);
        Assert.Equal(s_picture.Rgb, codec.Codec.Code(s_picture, null, 32).Decoded.Rgb);
        string said = File.ReadAllText(Path.Combine(_folder, "encoder.txt"));
        Assert.All(arguments, part => Assert.Contains(part, said, StringComparison.Ordinal));
    }

    [Fact]
    public void What_goes_wrong_is_said_in_one_line()
    {
        void Fails(string encoder, string decoder, string message)
        {
            using var codec = new Standing(this, "vtm", encoder, decoder);
            BenchmarkException error = Assert.Throws<BenchmarkException>(() => codec.Codec.Code(s_picture, null, 32));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
        Fails("echo first; echo no such profile >&2; exit 3", Standing.Decoder, "encoder: ended with code 3: no such profile");
        Fails("true", Standing.Decoder, "encoder: wrote nothing");
        Fails(Standing.Encoder, "true", "decoder: wrote nothing");
        Fails("cp \"$in\" \"$out\"", "head -c 100 \"$in\" > \"$out\"", "the decoded frame has 100 bytes");
        Fails(Standing.Encoder + "; echo x >> \"$rec\"", Standing.Decoder, "is not the encoder's reconstruction");
        Fails("kill -SEGV $$", Standing.Decoder, "encoder: ended with code");
        Fails("sleep 60", Standing.Decoder, "encoder: took more than 1 seconds");
    }

    [Fact]
    public void Missing_programs_and_files_are_named()
    {
        string At(string name) => Path.Combine(_folder, name);
        Assert.Contains("EncoderApp", Assert.Throws<BenchmarkException>(() => new ProgramUnderTest(ProgramCodecs.Of("vtm", config: At("none.cfg")))).Message, StringComparison.Ordinal);
        using var codec = new Standing(this, "vtm");
        Assert.Contains("none.cfg", Assert.Throws<BenchmarkException>(
            () => new ProgramUnderTest(ProgramCodecs.Of("vtm", At("encoder"), At("decoder"), At("none.cfg")))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ProgramCodecs.Of("vtm"));
        Assert.Throws<ArgumentException>(() => ProgramCodecs.Of("vvenc", subsampled: false));
        Assert.Throws<ArgumentException>(() => ProgramCodecs.Of("h261"));
    }

    [Fact]
    public void Another_build_is_another_version()
    {
        string first, second;
        using (var codec = new Standing(this, "vtm")) first = codec.Codec.Version;
        using (var codec = new Standing(this, "vtm", Standing.Encoder + "; true")) second = codec.Codec.Version;
        Assert.NotEqual(first, second);
    }

    [InstalledTheory]
    [InlineData("avifenc", 32)]
    [InlineData("cjxl", 2)]
    [InlineData("heif-enc", 50)]
    [InlineData("x265", 30)]
    public void Installed_programs_code_a_picture(string name, double setting)
    {
        if (InstalledTheoryAttribute.Lacks(name)) return;
        Picture picture = SweepFolder.Pattern(80, 64, 3);
        var codec = new ProgramUnderTest(ProgramCodecs.Of(name));
        CodedPicture coded = codec.Code(picture, null, setting);
        Assert.InRange(coded.Bytes, 50, 10_000);
        Assert.InRange(Quality.FullReference.Psnr(picture, coded.Decoded), 22, 60);
    }

    /// <summary>Runs where at least one of the packaged codecs is installed, and says so where none is.</summary>
    private sealed class InstalledTheoryAttribute : TheoryAttribute
    {
        public InstalledTheoryAttribute()
        {
            if (new[] { "avifenc", "cjxl", "heif-enc", "x265" }.All(Lacks)) Skip = "none of avifenc, cjxl, heif-enc, x265 is installed";
        }

        public static bool Lacks(string name)
        {
            ProgramOptions options = ProgramCodecs.Of(name);
            return ProgramRun.Find(options.Encoder) is null || ProgramRun.Find(options.Decoder) is null;
        }
    }

    /// <summary>A codec of two scripts; the encoder copies its input, the decoder copies it back.</summary>
    private sealed class Standing : IDisposable
    {
        public const string Encoder = "cp \"$in\" \"$out\"; [ -z \"$rec\" ] || cp \"$in\" \"$rec\"", Decoder = "cp \"$in\" \"$out\"";

        public Standing(ProgramCodecTests tests, string name, string encoder = Encoder, string decoder = Decoder, bool subsampled = false)
        {
            // Files are known by their names, whatever the options are called.
            const string Parts = """
                rec=
                for word; do case $word in
                  */input.*) in=$word;; */coded.*) [ ROLE = encoder ] && out=$word || in=$word;; */decoded.*) out=$word;; */reconstruction.*) rec=$word;;
                esac; done
                """;
            string config = Path.Combine(tests._folder, "intra.cfg");
            File.WriteAllText(config, "");
            foreach ((string role, string work) in new[] { ("encoder", encoder), ("decoder", decoder) })
            {
                string path = Path.Combine(tests._folder, role);
                File.WriteAllText(path, $"#!/bin/sh\necho \"$@\" > '{path}.txt'\n{Parts.Replace("ROLE", role, StringComparison.Ordinal)}\n{work}\n".ReplaceLineEndings("\n"));
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            ProgramOptions options = ProgramCodecs.Of(
                name, Path.Combine(tests._folder, "encoder"), Path.Combine(tests._folder, "decoder"), name is "vtm" or "ecm" ? config : null, subsampled ? true : null);
            Codec = new ProgramUnderTest(options with { Limit = TimeSpan.FromSeconds(1), VersionArgument = null });
        }

        public ProgramUnderTest Codec { get; }

        public void Dispose()
        {
        }
    }
}
