//! Password hashing with Argon2: slow on purpose, and pure computation.

use argon2::password_hash::{Error, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(8 * 1024, 2, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash as it would be stored. The salt is fixed: nothing here is a secret.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    let salt = SaltString::encode_b64(b"not a secret salt")?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Whether `password` has that hash.
pub(crate) fn verify(password: &str, hash: &str) -> Result<bool, Error> {
    let verdict = argon2()?.verify_password(password.as_bytes(), &PasswordHash::new(hash)?);
    match verdict {
        Ok(()) => Ok(true),
        Err(Error::Password) => Ok(false),
        Err(other) => Err(other),
    }
}
