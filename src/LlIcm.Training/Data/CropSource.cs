using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Cuts random square crops of photographs: each photograph equally often, at a random place, scaled, mirrored and
/// turned as the
/// options say. A photograph smaller than the crop is enlarged. Safe for use by several threads at once.
/// </summary>
public sealed class CropSource
{
    private readonly IReadOnlyList<Picture> _photos;
    private readonly CropOptions _options;

    /// <summary>Makes a source.</summary>
    /// <exception cref="ArgumentException">The size or the scale is out of its range.</exception>
    public CropSource(PhotoCache photos, CropOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(photos);
        _photos = photos.Photos;
        _options = options ?? new CropOptions();
        if (_options.Size < 1) throw new ArgumentException($"the crops' size is {_options.Size}; it must be 1 or more");
        Interval scale = _options.Scale;
        if (!(scale.Min > 0f && scale.Min <= scale.Max && scale.Max <= 1f))
            throw new ArgumentException($"the crops' scale {scale.Min}–{scale.Max} must lie above 0 and not above 1");
    }

    /// <summary>Side of the crops in pixels.</summary>
    public int Size => _options.Size;

    /// <summary>Cuts one crop, 8-bit levels in 0–1.</summary>
    public PlanarImage Next(Xoshiro256 random)
    {
        Picture photo = _photos[random.NextInt(_photos.Count)];
        return CropWindow.Draw(photo.Width, photo.Height, _options, random).Cut(photo, _options.Size);
    }
}
