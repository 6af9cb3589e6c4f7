/*!
Finds many literals in one pass over bytes, ignoring ASCII case.
*/
