using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>
/// A codec that is a pair of programs. Each picture is coded in a folder of its own; the rate is the length of the coded file, and the decoder's picture must be the
/// encoder's reconstruction, where the encoder writes one.
/// </summary>
public sealed partial class ProgramUnderTest : ICodecUnderTest
{
    private readonly ProgramOptions _options;
    private readonly string _encoder, _decoder;

    /// <summary>Finds the programs.</summary>
    /// <exception cref="BenchmarkException">One is not there; the message names it.</exception>
    public ProgramUnderTest(ProgramOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _encoder = ProgramRun.Find(options.Encoder) ?? throw new BenchmarkException($"there is no program {options.Encoder}");
        _decoder = ProgramRun.Find(options.Decoder) ?? throw new BenchmarkException($"there is no program {options.Decoder}");
        if (options.Config is { } config && !File.Exists(config)) throw new BenchmarkException($"{config}: no such file (settings of {options.Name})");
        Version = Describe();
    }

    /// <inheritdoc/>
    public string Name => $"{_options.Name} {_options.Chroma}";

    /// <inheritdoc/>
    public string Chroma => _options.Chroma;

    /// <inheritdoc/>
    public string Version { get; }

    /// <inheritdoc/>
    public IReadOnlyList<double> Settings => _options.Settings;

    /// <inheritdoc/>
    public string Command(double setting)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["input"] = "INPUT", ["output"] = "OUTPUT", ["decoded"] = "DECODED", ["reconstruction"] = "RECONSTRUCTION",
            ["width"] = "WIDTH", ["height"] = "HEIGHT", ["setting"] = Text(setting), ["config"] = _options.Config ?? "",
        };
        return $"{_options.Encoder} {string.Join(' ', Filled(_options.Encode, names))} && {_options.Decoder} {string.Join(' ', Filled(_options.Decode, names))}";
    }

    /// <inheritdoc/>
    public CodedPicture Code(Picture picture, Picture? mask, double setting, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        string folder = Directory.CreateTempSubdirectory("llicm-codec-").FullName;
        try
        {
            string raw = _options.Video is null ? ".png" : ".yuv";
            string Place(string name) => Path.Combine(folder, name);
            (string input, string output) = (Place("input" + raw), Place("coded" + _options.Extension));
            (string decoded, string reconstruction) = (Place("decoded" + raw), Place("reconstruction" + raw));
            if (_options.Video is { } video) File.WriteAllBytes(input, video.FromPicture(picture));
            else PictureFile.Save(picture, input);
            var values = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["input"] = input, ["output"] = output, ["decoded"] = decoded, ["reconstruction"] = reconstruction, ["setting"] = Text(setting),
                ["width"] = Whole(_options.Video?.Side(picture.Width) ?? picture.Width), ["height"] = Whole(_options.Video?.Side(picture.Height) ?? picture.Height),
                ["config"] = _options.Config ?? "",
            };
            ProgramRun encoding = ProgramRun.Run(_encoder, Filled(_options.Encode, values), folder, _options.Limit, cancellation);
            long bytes = LengthOf(output, _options.Encoder);
            ProgramRun decoding = ProgramRun.Run(_decoder, Filled(_options.Decode, values), folder, _options.Limit, cancellation);
            LengthOf(decoded, _options.Decoder);
            if (File.Exists(reconstruction) && !File.ReadAllBytes(reconstruction).AsSpan().SequenceEqual(File.ReadAllBytes(decoded)))
                throw new BenchmarkException($"{_options.Name}: the decoder's picture is not the encoder's reconstruction");
            Picture result = _options.Video is { } frame
                ? frame.ToPicture(File.ReadAllBytes(decoded), picture.Width, picture.Height) : PictureFile.Load(decoded);
            if ((result.Width, result.Height) != (picture.Width, picture.Height))
                throw new BenchmarkException($"{_options.Name}: decoded {result.Width}x{result.Height} pixels of {picture.Width}x{picture.Height}");
            return new CodedPicture(bytes, result)
            {
                EncodeSeconds = encoding.Seconds, DecodeSeconds = decoding.Seconds,
                PeakBytes = encoding.PeakBytes is { } one && decoding.PeakBytes is { } two ? Math.Max(one, two) : encoding.PeakBytes ?? decoding.PeakBytes,
            };
        }
        catch (PictureException error)
        {
            throw new BenchmarkException($"{_options.Name}: {error.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}", error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long LengthOf(string path, string program) => File.Exists(path) && new FileInfo(path).Length is > 0 and var length
        ? length : throw new BenchmarkException($"{Path.GetFileName(program)}: wrote nothing");

    private static IEnumerable<string> Filled(IEnumerable<string> words, Dictionary<string, string> values) =>
        words.Select(word => Placeholder().Replace(word, match => values.GetValueOrDefault(match.Groups[1].Value, match.Value))).Where(word => word.Length > 0);

    // Of the same version there are many builds: the file itself counts.
    private string Describe()
    {
        string told = "";
        if (_options.VersionArgument is { } argument)
        {
            try
            {
                string said = ProgramRun.Run(_encoder, [argument], Path.GetTempPath(), TimeSpan.FromSeconds(10)).Output;
                told = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "";
                if (told.Length > 80) told = told[..80];
            }
            catch (BenchmarkException)
            {
                // It has no such option; its hash tells it from others.
            }
        }
        string hash = string.Concat(new[] { _encoder, _decoder, _options.Config }.OfType<string>().Select(HashOf));
        return $"{(told.Length > 0 ? told : _options.Name)} [{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(hash)))[..8]}]";
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string Text(double setting) => setting.ToString(CultureInfo.InvariantCulture);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
