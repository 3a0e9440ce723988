using System.CommandLine;
using System.Globalization;
using LlIcm.Container;

namespace LlIcm.Cli.Commands;

/// <summary>How small a file is to be: <c>-q</c>, <c>--bpp</c> or <c>--target-size</c>.</summary>
public sealed class CompressionChoice
{
    private readonly Option<double?> _quality = new("--quality", "-q")
    {
        HelpName = "Q",
        Description = "1 (smallest file) to 8 (best picture), fractions allowed. Default: 4.",
    };

    private readonly Option<double?> _bitsPerPixel = new("--bpp")
    {
        HelpName = "BITS",
        Description = "Instead of -q: the best quality whose file has at most so many bits per pixel.",
    };

    private readonly Option<long?> _targetSize = new("--target-size")
    {
        HelpName = "BYTES",
        Description = "Instead of -q: the best quality whose file has at most so many bytes (20000, 20k, 1.5M).",
        CustomParser = result =>
        {
            long? bytes = ParseSize(result.Tokens.Count > 0 ? result.Tokens[0].Value : "");
            if (bytes is null) result.AddError("--target-size takes a number of bytes: 20000, 20k, 1.5M");
            return bytes;
        },
    };

    private readonly Option<bool> _keepMetadata = new("--keep-metadata")
    {
        Description = "Keep EXIF and XMP. They may hold a place and a person, so they are left out by default.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_quality);
        command.Add(_bitsPerPixel);
        command.Add(_targetSize);
        command.Add(_keepMetadata);
        Choices.Require(_quality, q => q is >= LlicHeader.MinQuality and <= LlicHeader.MaxQuality, "-q takes 1 to 8");
        Choices.Require(_bitsPerPixel, bits => bits is > 0 and <= 100, "--bpp takes a number above 0, at most 100");
        command.Validators.Add(result =>
        {
            int given = new Option[] { _quality, _bitsPerPixel, _targetSize }
                .Count(option => result.GetResult(option) is { Implicit: false });
            if (given > 1) result.AddError("only one of -q, --bpp and --target-size can be given");
        });
    }

    /// <summary>Whether EXIF and XMP are kept.</summary>
    public bool KeepsMetadata(ParseResult parsed) => parsed.GetValue(_keepMetadata);

    /// <summary>The library's options.</summary>
    public CompressOptions Options(ParseResult parsed) => new()
    {
        Quality = parsed.GetValue(_quality),
        BitsPerPixel = parsed.GetValue(_bitsPerPixel),
        TargetBytes = parsed.GetValue(_targetSize),
        KeepMetadata = KeepsMetadata(parsed),
    };

    private static long? ParseSize(string text)
    {
        (string digits, double unit) = text.Length == 0 ? ("", 1) : char.ToLowerInvariant(text[^1]) switch
        {
            'k' => (text[..^1], 1e3),
            'm' => (text[..^1], 1e6),
            _ => (text, 1),
        };
        const NumberStyles style = NumberStyles.AllowDecimalPoint;
        return double.TryParse(digits, style, CultureInfo.InvariantCulture, out double number)
            && number * unit is >= 1 and <= int.MaxValue ? (long)(number * unit) : null;
    }
}
