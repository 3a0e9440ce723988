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
        float scale = random.Chance(_options.UnscaledChance) ? 1f : random.NextFloat(_options.Scale);
        int side = Math.Clamp((int)MathF.Round(_options.Size / scale), 1, Math.Min(photo.Width, photo.Height));
        int left = random.NextInt(photo.Width - side + 1), top = random.NextInt(photo.Height - side + 1);
        PlanarImage crop = Resampler.Crop(photo, left, top, side, side, _options.Size, _options.Size);
        bool flip = random.Chance(0.5f);
        int turns = random.NextInt(4);
        if (_options.Flip && flip) Flip(crop);
        return _options.Rotate && turns > 0 ? Turn(crop, turns) : crop;
    }

    private static void Flip(PlanarImage image)
    {
        for (int c = 0; c < 3; c++)
        {
            for (int y = 0; y < image.Height; y++) image.Plane(c).Slice(y * image.Width, image.Width).Reverse();
        }
    }

    private static PlanarImage Turn(PlanarImage image, int turns)
    {
        int side = image.Width;
        PlanarImage turned = new(side, side);
        for (int c = 0; c < 3; c++)
        {
            Span<float> from = image.Plane(c), to = turned.Plane(c);
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                {
                    to[y * side + x] = turns switch
                    {
                        1 => from[x * side + side - 1 - y],
                        2 => from[(side - 1 - y) * side + side - 1 - x],
                        _ => from[(side - 1 - x) * side + y],
                    };
                }
            }
        }
        return turned;
    }
}
